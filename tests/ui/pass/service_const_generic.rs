#![deny(warnings)]

use saga_core::saga;

struct Shelf<const SIZE: usize> {
    boxes: [u32; SIZE],
}

#[saga]
impl<const SIZE: usize> Shelf<SIZE> {
    #[step(compensate = put_back)]
    async fn take(&self, count: &usize) -> Result<[u32; SIZE], String> {
        if *count > SIZE { Err("too many".to_owned()) } else { Ok(self.boxes) }
    }

    #[step(pivot)]
    async fn ship(&self, boxes: &[u32; SIZE]) -> Result<usize, String> {
        Ok(boxes.len())
    }

    async fn put_back(&self, _boxes: &[u32; SIZE]) -> Result<(), String> {
        Ok(())
    }
}

fn main() {}
