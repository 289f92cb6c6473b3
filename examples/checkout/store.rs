//! The `SQLite` file that stands for the world outside, and what can be asked of it.
//!
//! Knows nothing of sagas: each request is one transaction, and has one effect however often it is
//! made under the same idempotency key.

use std::fmt;
use std::path::Path;

use rusqlite::{Connection, OptionalExtension as _, params};
use serde::{Deserialize, Serialize};

use crate::orders::{Item, Order, Scenario};
use crate::service::ShopError;

/// The database.
pub(crate) struct Store(pub(crate) Connection);

/// What an order costs.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Quote {
    order_id: String,
    items: Vec<Item>,
    total: Money,
}

/// Products taken off the shelf for an order, at a price.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Reservation {
    id: i64,
    total: Money,
}

/// A card that was charged.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Payment {
    id: i64,
    amount: Money,
}

/// A courier that was booked.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Shipment {
    pub(crate) id: i64,
}

/// A mail that was sent.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Receipt {
    pub(crate) shipment: Shipment,
    pub(crate) paid: Money,
}

/// An amount in cents.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Money(i64);

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02} EUR", self.0 / 100, self.0 % 100)
    }
}

impl fmt::Debug for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Store {
    /// The database at `path`, made with a full warehouse where there is none.
    pub(crate) fn open(path: &Path) -> rusqlite::Result<Self> {
        let connection = Connection::open(path)?;
        connection.execute_batch("PRAGMA foreign_keys = ON")?;
        let count = "SELECT count(*) FROM sqlite_schema";
        let tables: i64 = connection.query_row(count, [], |row| row.get(0))?;
        if tables == 0 {
            connection.execute_batch(include_str!("shop.sql"))?;
        }
        Ok(Self(connection))
    }

    pub(crate) fn price(&self, order: &Order) -> Result<Quote, ShopError> {
        let mut price = self
            .0
            .prepare("SELECT price_cents FROM products WHERE sku = ?1")?;
        let mut total = 0;
        for Item { sku, quantity } in &order.items {
            let cents: Option<i64> = price.query_row([sku], |row| row.get(0)).optional()?;
            let cents = cents.ok_or_else(|| ShopError::UnknownProduct(sku.clone()))?;
            total += cents * i64::from(*quantity);
        }
        Ok(Quote {
            order_id: order.id.clone(),
            items: order.items.clone(),
            total: Money(total),
        })
    }

    pub(crate) fn reserve(&mut self, key: &str, quote: &Quote) -> Result<Reservation, ShopError> {
        if let Some(made_before) = self.find_reservation(key)? {
            return Ok(made_before);
        }
        let transaction = self.0.transaction()?;
        transaction.execute(
            "INSERT INTO reservations (idempotency_key, order_id, total_cents) VALUES (?1, ?2, ?3)",
            params![key, quote.order_id, quote.total.0],
        )?;
        let id = transaction.last_insert_rowid();
        for Item { sku, quantity } in &quote.items {
            let on_hand = transaction.query_row(
                "SELECT on_hand FROM products WHERE sku = ?1",
                [sku],
                |row| row.get(0),
            )?;
            if on_hand < *quantity {
                // The transaction is rolled back where it is dropped: all lines or none.
                return Err(ShopError::OutOfStock {
                    sku: sku.clone(),
                    wanted: *quantity,
                    on_hand,
                });
            }
            transaction.execute(
                "UPDATE products SET on_hand = on_hand - ?2 WHERE sku = ?1",
                params![sku, quantity],
            )?;
            transaction.execute(
                "INSERT INTO reserved_lines (reservation_id, sku, quantity) VALUES (?1, ?2, ?3)",
                params![id, sku, quantity],
            )?;
        }
        transaction.commit()?;
        Ok(Reservation {
            id,
            total: quote.total,
        })
    }

    pub(crate) fn find_reservation(&self, key: &str) -> Result<Option<Reservation>, ShopError> {
        let found = self.0.query_row(
            "SELECT id, total_cents FROM reservations WHERE idempotency_key = ?1",
            [key],
            |row| {
                Ok(Reservation {
                    id: row.get(0)?,
                    total: Money(row.get(1)?),
                })
            },
        );
        Ok(found.optional()?)
    }

    pub(crate) fn release(&mut self, reservation: Reservation) -> Result<(), ShopError> {
        let transaction = self.0.transaction()?;
        // Released before, it has no lines left to put back.
        transaction.execute(
            "UPDATE products SET on_hand = on_hand + returned.quantity
             FROM (SELECT sku, sum(quantity) AS quantity
                   FROM reserved_lines WHERE reservation_id = ?1 GROUP BY sku) AS returned
             WHERE products.sku = returned.sku",
            [reservation.id],
        )?;
        let delete = "DELETE FROM reservations WHERE id = ?1";
        transaction.execute(delete, [reservation.id])?;
        transaction.commit()?;
        Ok(())
    }

    pub(crate) fn charge(
        &mut self,
        key: &str,
        order: &Order,
        reservation: Reservation,
    ) -> Result<Payment, ShopError> {
        self.0.execute(
            "INSERT INTO payments (idempotency_key, order_id, card, amount_cents)
             VALUES (?1, ?2, ?3, ?4) ON CONFLICT (idempotency_key) DO NOTHING",
            params![key, order.id, order.card, reservation.total.0],
        )?;
        // Made now, or when the same was asked for before.
        Ok(self.payment(key)?)
    }

    pub(crate) fn find_payment(&self, key: &str) -> Result<Option<Payment>, ShopError> {
        Ok(self.payment(key).optional()?)
    }

    pub(crate) fn refund(&mut self, key: &str, payment: Payment) -> Result<(), ShopError> {
        self.0.execute(
            "INSERT INTO refunds (idempotency_key, payment_id, amount_cents)
             VALUES (?1, ?2, ?3) ON CONFLICT (idempotency_key) DO NOTHING",
            params![key, payment.id, payment.amount.0],
        )?;
        Ok(())
    }

    pub(crate) fn book(
        &mut self,
        key: &str,
        order: &Order,
        reservation: Reservation,
    ) -> Result<Shipment, ShopError> {
        self.0.execute(
            "INSERT INTO shipments (idempotency_key, order_id, reservation_id, ship_to)
             VALUES (?1, ?2, ?3, ?4) ON CONFLICT (idempotency_key) DO NOTHING",
            params![key, order.id, reservation.id, order.ship_to],
        )?;
        Ok(self.shipment(key)?)
    }

    pub(crate) fn find_shipment(&self, key: &str) -> Result<Option<Shipment>, ShopError> {
        Ok(self.shipment(key).optional()?)
    }

    pub(crate) fn cancel(&mut self, shipment: Shipment) -> Result<(), ShopError> {
        let delete = "DELETE FROM shipments WHERE id = ?1";
        self.0.execute(delete, [shipment.id])?;
        Ok(())
    }

    pub(crate) fn send_receipt(
        &mut self,
        key: &str,
        order: &Order,
        payment: Payment,
        shipment: Shipment,
    ) -> Result<Receipt, ShopError> {
        self.0.execute(
            "INSERT INTO receipts (idempotency_key, order_id, email, payment_id, shipment_id)
             VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (idempotency_key) DO NOTHING",
            params![key, order.id, order.email, payment.id, shipment.id],
        )?;
        Ok(Receipt {
            shipment,
            paid: payment.amount,
        })
    }

    /// Writes down what the orders file expects, for the proof, in place of what was expected before.
    pub(crate) fn record_expectations(&mut self, scenarios: &[Scenario]) -> rusqlite::Result<()> {
        let transaction = self.0.transaction()?;
        transaction.execute_batch("DELETE FROM order_items; DELETE FROM orders")?;
        for Scenario { order, expect, .. } in scenarios {
            transaction.execute(
                "INSERT INTO orders (id, expected_end, expected_step) VALUES (?1, ?2, ?3)",
                params![order.id, expect.end(), expect.step()],
            )?;
            for Item { sku, quantity } in &order.items {
                transaction.execute(
                    "INSERT INTO order_items (order_id, sku, quantity) VALUES (?1, ?2, ?3)",
                    params![order.id, sku, quantity],
                )?;
            }
        }
        transaction.commit()
    }

    /// Writes down how a saga ended, for the proof, in place of what was written before.
    pub(crate) fn record_ending(
        &mut self,
        order: &str,
        end: &str,
        step: Option<&str>,
        in_doubt: bool,
    ) -> rusqlite::Result<()> {
        self.0.execute(
            "INSERT OR REPLACE INTO endings (order_id, \"end\", step, in_doubt) VALUES (?1, ?2, ?3, ?4)",
            params![order, end, step, in_doubt],
        )?;
        Ok(())
    }

    fn payment(&self, key: &str) -> rusqlite::Result<Payment> {
        self.0.query_row(
            "SELECT id, amount_cents FROM payments WHERE idempotency_key = ?1",
            [key],
            |row| {
                Ok(Payment {
                    id: row.get(0)?,
                    amount: Money(row.get(1)?),
                })
            },
        )
    }

    fn shipment(&self, key: &str) -> rusqlite::Result<Shipment> {
        self.0.query_row(
            "SELECT id FROM shipments WHERE idempotency_key = ?1",
            [key],
            |row| Ok(Shipment { id: row.get(0)? }),
        )
    }
}
