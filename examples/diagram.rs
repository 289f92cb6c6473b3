//! Pictures of three sagas and of what became of a run of each, written into a folder: `target/diagrams`, or the
//! one that is named as the argument.
//!
//! A `.mmd` is drawn by GitHub within a block ```` ```mermaid ````, a `.dot` by `dot -Tsvg`.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

use saga_core::{Attempt, Diagram, RunOptions, Saga, saga};

/// Books trips. No flight goes to Atlantis.
struct Agency;

#[saga(saga = TripSaga, name = "trip")]
impl Agency {
    #[step(readonly)]
    async fn look_up(&self, city: &str) -> Result<u32, String> {
        Ok(80 + u32::from(city == "Oslo"))
    }

    #[step(parallel = bookings, compensate = cancel_hotel)]
    async fn book_hotel(&self, euros: &u32) -> Result<u32, String> {
        Ok(*euros)
    }

    #[step(parallel = bookings, compensate = cancel_flight, retry(attempts = 3), timeout = "10s")]
    async fn book_flight(&self, #[input] city: &str) -> Result<u32, String> {
        match city {
            "Atlantis" => Err(format!("no flight goes to {city}")),
            _ => Ok(250),
        }
    }

    #[step(only_if = is_far, no_compensation = "the insurer keeps the fee")]
    async fn insure(&self, hotel: &u32, flight: &u32) -> Result<u32, String> {
        Ok((hotel + flight) / 20)
    }

    #[step(pivot)]
    async fn pay(
        &self,
        insurance: Option<&u32>,
        #[from(book_hotel)] hotel: &u32,
    ) -> Result<u32, String> {
        Ok(hotel + insurance.unwrap_or(&0))
    }

    #[step(retry(attempts = 10, backoff = "1s..1m"))]
    async fn send_tickets(&self, euros: &u32) -> Result<u32, String> {
        Ok(*euros)
    }

    fn is_far(&self, hotel: &u32, flight: &u32) -> bool {
        flight > hotel
    }

    async fn cancel_hotel(&self, _euros: &u32) -> Result<(), String> {
        Ok(())
    }

    async fn cancel_flight(&self, _euros: &u32) -> Result<(), String> {
        Ok(())
    }
}

/// Sells trips as presents: the saga of another service is its point of no return.
struct Presents {
    agency: Agency,
}

#[saga(saga = PresentSaga, name = "present")]
impl Presents {
    #[step(compensate = tear_up)]
    async fn write_card(&self, city: &str) -> Result<String, String> {
        Ok(format!("a trip to {city}"))
    }

    #[step(pivot, saga = TripSaga, on = self.agency)]
    fn book_trip(&self, #[input] city: &str) -> String {
        city.to_owned()
    }

    #[step(retry(attempts = 5))]
    async fn send_card(
        &self,
        _euros: &u32,
        #[from(write_card)] card: &str,
    ) -> Result<usize, String> {
        Ok(card.len())
    }

    async fn tear_up(&self, _card: &str) -> Result<(), String> {
        Ok(())
    }
}

/// Sells things. The bank loses the answer to a charge, and then the request for a refund.
struct Shop;

#[saga(saga = OrderSaga, name = "order")]
impl Shop {
    #[step(compensate = release_stock)]
    async fn reserve_stock(&self, article: &str) -> Result<usize, String> {
        Ok(article.len())
    }

    #[step(compensate = refund, retry(attempts = 2), in_doubt = is_lost)]
    async fn charge_card(&self, reservation: &usize) -> Result<u32, String> {
        Err(format!("no answer to charge {reservation}"))
    }

    #[step(pivot)]
    async fn book_courier(&self, payment: &u32) -> Result<u32, String> {
        Ok(*payment)
    }

    async fn release_stock(&self, _reservation: &usize) -> Result<(), String> {
        Ok(())
    }

    #[compensation(retry(attempts = 3))]
    async fn refund(&self, _payment: Attempt<&u32>) -> Result<(), String> {
        Err("the bank is closed".to_owned())
    }
}

fn is_lost(_error: &String) -> bool {
    true
}

/// Writes every form of a diagram.
fn write(folder: &Path, name: &str, diagram: &Diagram) -> io::Result<()> {
    let forms = [
        ("mmd", diagram.mermaid()),
        ("dot", diagram.dot()),
        ("md", diagram.markdown()),
    ];
    for (extension, text) in forms {
        let path = folder.join(format!("{name}.{extension}"));
        fs::write(&path, text + "\n")?;
        println!("{}", path.display());
    }
    Ok(())
}

#[tokio::main]
async fn main() -> io::Result<()> {
    let folder = env::args_os().nth(1);
    let folder = folder.map_or_else(|| PathBuf::from("target/diagrams"), PathBuf::from);
    fs::create_dir_all(&folder)?;

    let options = RunOptions::new().id("monday");
    let trip = TripSaga::run_with(&Agency, "Atlantis".to_owned(), options).await;
    let presents = Presents { agency: Agency };
    let options = RunOptions::new().id("monday");
    let present = PresentSaga::run_with(&presents, "Atlantis".to_owned(), options).await;
    let options = RunOptions::new().id("monday");
    let order = OrderSaga::run_with(&Shop, "kettle".to_owned(), options).await;

    for (name, definition, report) in [
        (
            "trip",
            TripSaga::DEFINITION,
            trip.err().map(|error| error.report()),
        ),
        (
            "present",
            PresentSaga::DEFINITION,
            present.err().map(|error| error.report()),
        ),
        (
            "order",
            OrderSaga::DEFINITION,
            order.err().map(|error| error.report()),
        ),
    ] {
        let diagram = definition.diagram();
        write(&folder, name, &diagram)?;
        println!("\n{}\n", diagram.mermaid());
        if let Some(report) = report {
            let diagram = report.diagram();
            write(&folder, &format!("{name}_run"), &diagram)?;
            println!("\n{}\n", diagram.mermaid());
        }
    }
    Ok(())
}
