use std::error::Error;

use saga_core::{Saga, saga};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

#[derive(Debug, Clone)]
struct Listing {
    title: String,
    price: String,
    photos: Vec<String>,
}

#[derive(Debug)]
struct Draft {
    id: u32,
    cents: u64,
}

struct Listings;

impl Listings {
    fn cents(price: &str) -> Result<u64> {
        let (euros, cents) = price.split_once('.').ok_or("a price has a point")?;
        Ok(euros.parse::<u64>()? * 100 + cents.parse::<u64>()?)
    }
}

#[saga]
impl Listings {
    #[step(compensate = discard_draft)]
    async fn create_draft(&self, listing: &Listing) -> Result<Draft> {
        if listing.title.len() < 3 {
            return Err("the title is too short".into());
        }
        Ok(Draft {
            id: 12,
            cents: Self::cents(&listing.price)?,
        })
    }

    #[step(compensate = delete_photos)]
    async fn upload_photos(
        &self,
        draft: &Draft,
        #[input] listing: &Listing,
    ) -> Result<Vec<String>> {
        Ok(listing
            .photos
            .iter()
            .map(|photo| format!("{}/{photo}", draft.id))
            .collect())
    }

    #[step(pivot)]
    async fn publish(&self, photos: &[String], #[from(create_draft)] draft: &Draft) -> Result<u64> {
        if photos.is_empty() {
            return Err("no photos".into());
        }
        Ok(draft.cents)
    }

    async fn discard_draft(&self, draft: &Draft) -> Result<()> {
        println!("discarding {}", draft.id);
        Ok(())
    }

    async fn delete_photos(&self, photos: &[String]) -> Result<()> {
        println!("deleting {photos:?}");
        Ok(())
    }
}

#[tokio::main]
async fn main() {
    let listing = Listing {
        title: "Bike".into(),
        price: "85.50".into(),
        photos: vec!["a".into()],
    };
    match ListingsSaga::run(&Listings, listing).await {
        Ok(cents) => println!("published for {cents}"),
        Err(error) => println!("{}", error.report()),
    }
}
