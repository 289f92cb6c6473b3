use saga_core::{Saga, saga};

#[derive(Debug)]
struct Sku(&'static str);

#[derive(Debug)]
struct Pick(u32);

#[derive(Debug, thiserror::Error)]
enum WarehouseError {
    #[error("{0} is unknown")]
    Unknown(String),
    #[error("the dock is closed")]
    DockClosed,
}

struct Warehouse {
    is_open: bool,
}

#[saga]
impl Warehouse {
    #[step(compensate = put_back)]
    async fn pick(&self, sku: &str) -> Result<Pick, WarehouseError> {
        if sku.is_empty() {
            return Err(WarehouseError::Unknown(sku.to_owned()));
        }
        Ok(Pick(1))
    }

    #[step]
    async fn load(&self, pick: &Pick) -> Result<u32, WarehouseError> {
        if !self.is_open {
            return Err(WarehouseError::DockClosed);
        }
        Ok(pick.0)
    }

    async fn put_back(&self, pick: &Pick) -> Result<(), WarehouseError> {
        println!("putting {} back", pick.0);
        Ok(())
    }
}

#[saga(name = "returns")]
impl Warehouse {
    #[step(compensate = reject_return)]
    async fn accept_return(&self, sku: &str) -> Result<u32, WarehouseError> {
        Ok(sku.len() as u32)
    }

    #[step]
    async fn restock(&self, slot: &u32) -> Result<u32, WarehouseError> {
        Ok(*slot)
    }

    async fn reject_return(&self, slot: &u32) -> Result<(), WarehouseError> {
        println!("clearing slot {slot}");
        Ok(())
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let warehouse = Warehouse { is_open: true };
    let Sku(sku) = Sku("kettle-17");
    let loaded = WarehouseSaga::run(&warehouse, sku.to_owned()).await;
    assert!(loaded.is_ok());
}
