use saga_core::{Attempt, Saga, saga};

#[derive(Debug, Clone)]
pub struct Order {
    pub id: u64,
    pub lines: Vec<String>,
}

#[derive(Debug)]
pub struct Allocation(Vec<u32>);

#[derive(Debug, thiserror::Error)]
pub enum FulfillmentError {
    #[error("order {0} has no lines")]
    NoLines(u64),
    #[error("no truck today")]
    NoTruck,
}

pub struct Warehouse {
    trucks: u8,
}

trait Fulfillment {
    async fn allocate(&self, order: &Order) -> Result<Allocation, FulfillmentError>;
    async fn dispatch(&self, allocation: &Allocation) -> Result<usize, FulfillmentError>;
    async fn deallocate(&self, allocation: Attempt<&Allocation>) -> Result<(), FulfillmentError>;
}

#[saga]
impl Fulfillment for Warehouse {
    #[step(compensate = deallocate)]
    async fn allocate(&self, order: &Order) -> Result<Allocation, FulfillmentError> {
        if order.lines.is_empty() {
            return Err(FulfillmentError::NoLines(order.id));
        }
        Ok(Allocation(
            order.lines.iter().map(|line| line.len() as u32).collect(),
        ))
    }

    #[step(pivot)]
    async fn dispatch(&self, allocation: &Allocation) -> Result<usize, FulfillmentError> {
        if self.trucks == 0 {
            return Err(FulfillmentError::NoTruck);
        }
        Ok(allocation.0.len())
    }

    async fn deallocate(&self, allocation: Attempt<&Allocation>) -> Result<(), FulfillmentError> {
        if let Attempt::Completed(Allocation(bins)) = allocation {
            println!("clearing {bins:?}");
        }
        Ok(())
    }
}

#[tokio::main]
async fn main() {
    let warehouse = Warehouse { trucks: 2 };
    let order = Order {
        id: 1,
        lines: vec!["kettle".to_owned(), "cup".to_owned()],
    };
    println!("{:?}", WarehouseSaga::run(&warehouse, order).await);
}
