//! What would be three services: a warehouse, a bank and a courier. In memory, behind one lock.
//!
//! Knows nothing of sagas: each call takes effect once however often it is made under the same
//! idempotency key. As a bank has test cards, so there are cards and cities with which a call goes
//! wrong.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::future::pending;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use tokio::sync::Notify;

/// What the three have written down, each by idempotency key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Books {
    /// How many there are of each item, without those reserved.
    pub(crate) stock: BTreeMap<String, u32>,
    pub(crate) reservations: BTreeMap<String, Reservation>,
    pub(crate) charges: BTreeMap<String, Charge>,
    pub(crate) parcels: BTreeMap<String, Parcel>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reservation {
    pub(crate) item: String,
    pub(crate) quantity: u32,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Charge {
    pub(crate) card: String,
    pub(crate) cents: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Parcel {
    pub(crate) city: String,
}

// With serde an error is the same for every handler, in an engine with a journal too: see `answer.rs`.
#[derive(Debug, thiserror::Error, Serialize, Deserialize)]
pub(crate) enum WarehouseError {
    #[error("there is no item `{0}`")]
    NoSuchItem(String),
    #[error("{left} left of item `{item}`")]
    OutOfStock { item: String, left: u32 },
}

#[derive(Debug, thiserror::Error, Serialize, Deserialize)]
pub(crate) enum BankError {
    #[error("the card was declined")]
    Declined,
    #[error("the account 4711 of the card is closed")]
    AccountClosed,
}

// Without, as that of a foreign client may be: a journal keeps its text.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CourierError {
    #[error("no courier goes to {0}")]
    NotServed(String),
    #[error("no courier is free")]
    Busy,
}

impl CourierError {
    /// Whether asking again may help.
    pub(crate) fn is_transient(&self) -> bool {
        matches!(self, Self::Busy)
    }
}

/// A call that can be held up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Call {
    Reserve,
    Release,
    Charge,
    Book,
}

/// Where a call is held up after it took effect: its answer is on the way until the gate is opened.
#[derive(Default)]
pub(crate) struct Gate {
    reached: Notify,
    opened: Notify,
}

impl Gate {
    /// Waits until the call has taken effect.
    pub(crate) async fn reached(&self) {
        self.reached.notified().await;
    }

    /// Lets the answer through.
    pub(crate) fn open(&self) {
        self.opened.notify_one();
    }
}

pub(crate) struct Stores {
    books: Mutex<Books>,
    held: Mutex<Option<(Call, Arc<Gate>)>>,
}

impl Stores {
    /// With so many of each item, and nothing sold yet.
    pub(crate) fn new(stock: &[(&str, u32)]) -> Self {
        let stock = stock.iter().map(|(item, left)| ((*item).to_owned(), *left));
        Self {
            books: Mutex::new(Books {
                stock: stock.collect(),
                ..Books::default()
            }),
            held: Mutex::default(),
        }
    }

    /// All that is written down now.
    pub(crate) fn books(&self) -> Books {
        self.write().clone()
    }

    /// Holds up the next call of this kind.
    pub(crate) fn hold(&self, call: Call) -> Arc<Gate> {
        let gate = Arc::new(Gate::default());
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) = Some((call, Arc::clone(&gate)));
        gate
    }

    /// Sets so many of an item aside, or none if that was done under the key before.
    pub(crate) async fn reserve(
        &self,
        key: String,
        item: &str,
        quantity: u32,
    ) -> Result<(), WarehouseError> {
        {
            let mut books = self.write();
            let Books {
                stock,
                reservations,
                ..
            } = &mut *books;
            if let Entry::Vacant(reservation) = reservations.entry(key) {
                let no_such_item = || WarehouseError::NoSuchItem(item.to_owned());
                let left = stock.get_mut(item).ok_or_else(no_such_item)?;
                let rest = left.checked_sub(quantity);
                *left = rest.ok_or_else(|| WarehouseError::OutOfStock {
                    item: item.to_owned(),
                    left: *left,
                })?;
                let item = item.to_owned();
                reservation.insert(Reservation { item, quantity });
            }
        }
        self.answer(Call::Reserve).await;
        Ok(())
    }

    /// Puts what was reserved under the key back, if anything was.
    pub(crate) async fn release(&self, key: &str) {
        {
            let mut books = self.write();
            if let Some(Reservation { item, quantity }) = books.reservations.remove(key) {
                *books.stock.entry(item).or_default() += quantity;
            }
        }
        self.answer(Call::Release).await;
    }

    /// Charges a card, or not if that was done under the key before.
    pub(crate) async fn charge(
        &self,
        key: String,
        card: &str,
        cents: u64,
    ) -> Result<(), BankError> {
        match card {
            "declined" => return Err(BankError::Declined),
            "broken" => panic!("the answer of the bank at 10.0.0.7 cannot be read"),
            _ => {}
        }
        let charge = Charge {
            card: card.to_owned(),
            cents,
        };
        self.write().charges.entry(key).or_insert(charge);
        if card == "silent" {
            // Charged, but the answer never comes.
            return pending().await;
        }
        self.answer(Call::Charge).await;
        Ok(())
    }

    /// Pays back what was charged under the key, if anything was.
    pub(crate) fn refund(&self, key: &str) -> Result<(), BankError> {
        let mut books = self.write();
        let charge = books.charges.get(key);
        if charge.is_some_and(|charge| charge.card == "closed") {
            return Err(BankError::AccountClosed);
        }
        books.charges.remove(key);
        Ok(())
    }

    /// Orders a courier, or none if that was done under the key before.
    pub(crate) async fn book(&self, key: String, city: &str) -> Result<(), CourierError> {
        match city {
            "Atlantis" => return Err(CourierError::NotServed(city.to_owned())),
            "Venice" => return Err(CourierError::Busy),
            _ => {}
        }
        let parcel = Parcel {
            city: city.to_owned(),
        };
        self.write().parcels.entry(key).or_insert(parcel);
        if city == "Thule" {
            // Ordered, but the answer never comes.
            return pending().await;
        }
        self.answer(Call::Book).await;
        Ok(())
    }

    /// Waits at the gate of a call, if it is held up.
    async fn answer(&self, call: Call) {
        let held = {
            let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
            held.take_if(|(which, _)| *which == call)
        };
        if let Some((_, gate)) = held {
            gate.reached.notify_one();
            gate.opened.notified().await;
        }
    }

    fn write(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
