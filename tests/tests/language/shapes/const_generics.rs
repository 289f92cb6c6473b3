use super::*;

struct Ring<'n, const SIZE: usize, T, K>
where
    T: Clone,
    K: ?Sized,
{
    name: &'n str,
    items: [T; SIZE],
    kind: core::marker::PhantomData<fn(&K)>,
}

#[saga]
impl<'n, const SIZE: usize, T, K> Ring<'n, SIZE, T, K>
where
    T: Clone + Send + Sync + fmt::Debug + 'n,
    K: ?Sized + 'static,
    [T; SIZE]: Sync,
{
    #[step(compensate = forget)]
    async fn copy(&self) -> Result<[T; SIZE], String> {
        Ok(self.items.clone())
    }

    #[step(readonly)]
    async fn first(&self, copied: &[T; SIZE]) -> Result<T, &'static str> {
        copied.first().cloned().ok_or("an empty ring")
    }

    #[step(readonly)]
    async fn name(&self, #[from(copy)] copied: &[T; SIZE], first: &T) -> Result<String, String> {
        match SIZE {
            3 => Ok(format!("{} of {copied:?} from {first:?}", self.name)),
            _ => Err(format!("a ring of {SIZE}")),
        }
    }

    async fn forget(&self, copied: &[T; SIZE]) -> Result<(), String> {
        assert_eq!(copied.len(), SIZE);
        Ok(())
    }
}

fn ring<const SIZE: usize>(items: [u8; SIZE]) -> Ring<'static, SIZE, u8, str> {
    Ring::<'static, SIZE, u8, str> {
        name: "ring",
        items,
        kind: core::marker::PhantomData,
    }
}

#[tokio::test(start_paused = true)]
async fn a_service_may_have_lifetimes_const_generics_and_where_clauses() {
    let run = is_send_and_lives_for_ever(async {
        let service = ring([1, 2, 3]);
        RingSaga::run(&service, ()).await
    });
    let named = tokio::spawn(run).await.unwrap();
    assert_eq!(named.unwrap(), "ring of [1, 2, 3] from 1");

    let service = ring([1]);
    let error = RingSaga::run(&service, ()).await.unwrap_err();
    assert_eq!(error.step().unwrap().name, "name");
    assert_eq!(error.attempts(), 1);
    assert_eq!(error.end(), End::Compensated);

    let service = ring([]);
    let error = RingSaga::run(&service, ()).await.unwrap_err();
    assert_eq!(error.step().unwrap().name, "first");
    assert_eq!(error.attempts(), 1);
    assert_eq!(error.end(), End::Compensated);
}
