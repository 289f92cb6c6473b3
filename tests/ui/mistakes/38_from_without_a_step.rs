use saga_core::{Saga, saga};

#[derive(Debug, thiserror::Error)]
enum PrintError {
    #[error("cannot read the design")]
    Read(#[from] std::io::Error),
    #[error("{0} copies are too few")]
    TooFew(u32),
}

#[derive(Debug, Clone)]
struct Job {
    design: String,
    copies: u32,
}

#[derive(Debug)]
struct Quote {
    cents: u64,
}

#[derive(Debug)]
struct Slot {
    press: u8,
}

struct PrintShop;

#[saga]
impl PrintShop {
    #[step(readonly)]
    async fn quote(&self, job: &Job) -> Result<Quote, PrintError> {
        if job.copies < 10 {
            return Err(PrintError::TooFew(job.copies));
        }
        Ok(Quote {
            cents: u64::from(job.copies) * 35,
        })
    }

    #[step(compensate = free_slot)]
    async fn reserve_press(&self, #[input] job: &Job) -> Result<Slot, PrintError> {
        Ok(Slot {
            press: if job.copies > 1_000 { 2 } else { 1 },
        })
    }

    #[step(pivot)]
    async fn print(
        &self,
        slot: &Slot,
        #[from] quote: &Quote,
        #[input] job: &Job,
    ) -> Result<String, PrintError> {
        let bytes = std::fs::read(&job.design)?;
        Ok(format!(
            "{} bytes on press {} for {}",
            bytes.len(),
            slot.press,
            quote.cents
        ))
    }

    async fn free_slot(&self, slot: &Slot) -> Result<(), PrintError> {
        println!("press {} is free", slot.press);
        Ok(())
    }
}

#[tokio::main]
async fn main() {
    let job = Job {
        design: "flyer.pdf".to_owned(),
        copies: 200,
    };
    match PrintShopSaga::run(&PrintShop, job).await {
        Ok(printed) => println!("{printed}"),
        Err(error) => println!("{}", error.report()),
    }
}
