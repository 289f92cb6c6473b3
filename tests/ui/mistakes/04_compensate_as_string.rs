use std::collections::HashMap;
use std::sync::Mutex;

use saga_core::{Saga, SagaError, saga};

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct RoomNumber(u16);

#[derive(Debug)]
struct Stay {
    guest: String,
    nights: u8,
}

#[derive(Debug, thiserror::Error)]
enum HotelError {
    #[error("every room is taken")]
    Full,
    #[error("{0} has no valid card")]
    NoCard(String),
}

struct Hotel {
    rooms: Mutex<HashMap<RoomNumber, Option<String>>>,
}

#[saga]
impl Hotel {
    #[step(compensate = "release_room", timeout = "2s")]
    async fn assign_room(&self, stay: &Stay) -> Result<RoomNumber, HotelError> {
        let mut rooms = self.rooms.lock().unwrap();
        let free = rooms.iter_mut().find(|(_, guest)| guest.is_none());
        let (number, guest) = free.ok_or(HotelError::Full)?;
        *guest = Some(stay.guest.clone());
        Ok(number.clone())
    }

    #[step]
    async fn guarantee_with_card(
        &self,
        room: &RoomNumber,
        #[input] stay: &Stay,
    ) -> Result<String, HotelError> {
        if stay.guest.is_empty() {
            return Err(HotelError::NoCard(stay.guest.clone()));
        }
        Ok(format!("room {} for {} nights", room.0, stay.nights))
    }

    async fn release_room(&self, room: &RoomNumber) -> Result<(), HotelError> {
        if let Some(guest) = self.rooms.lock().unwrap().get_mut(room) {
            *guest = None;
        }
        Ok(())
    }
}

async fn check_in(hotel: &Hotel, guest: &str) -> Result<String, SagaError<HotelSaga>> {
    HotelSaga::run(
        hotel,
        Stay {
            guest: guest.to_owned(),
            nights: 3,
        },
    )
    .await
}

#[tokio::main]
async fn main() {
    let rooms = (101..110)
        .map(|number| (RoomNumber(number), None))
        .collect();
    let hotel = Hotel {
        rooms: Mutex::new(rooms),
    };
    match check_in(&hotel, "Ada").await {
        Ok(text) => println!("{text}"),
        Err(error) => eprintln!("{}", error.report()),
    }
}
