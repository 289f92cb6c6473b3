#![deny(warnings)]

use std::path::{Path, PathBuf};

use saga_core::saga;

struct Parcel;

struct Shipping;

#[saga]
impl Shipping {
    #[step(compensate = unpack)]
    async fn pack(&self, items: &[u32]) -> Result<Vec<Parcel>, String> {
        Ok(items.iter().map(|_| Parcel).collect())
    }

    #[step(readonly)]
    async fn print_labels(&self, _parcels: &[Parcel]) -> Result<PathBuf, String> {
        Ok(PathBuf::from("labels.pdf"))
    }

    #[step(pivot)]
    async fn book_courier(
        &self,
        _labels: &Path,
        #[from(pack)] _parcels: &Vec<Parcel>,
    ) -> Result<u32, String> {
        Ok(7)
    }

    async fn unpack(&self, _parcels: &[Parcel]) -> Result<(), String> {
        Ok(())
    }
}

fn main() {}
