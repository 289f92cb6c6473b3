//! A bank: accounts in an `SQLite` file, and payments from one of them to another.
//!
//! Knows nothing of sagas: a payment is one transaction, and is made once however often it is asked
//! for under the same idempotency key.

use std::fmt;
use std::path::Path;

use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior, params};

use crate::money::Money;

/// A connection to the bank.
pub(crate) struct Bank(Connection);

/// Money moved from one account to another of the same bank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Payment {
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) amount: Money,
}

impl Payment {
    /// The one that makes this one good.
    pub(crate) fn reversed(self) -> Self {
        Self {
            from: self.to,
            to: self.from,
            ..self
        }
    }
}

impl fmt::Display for Payment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} from {} to {}", self.amount, self.from, self.to)
    }
}

impl Bank {
    /// A new bank with these accounts, and what is on them.
    pub(crate) fn create(path: &Path, accounts: &[(&str, Money)]) -> rusqlite::Result<Self> {
        let mut connection = Connection::open(path)?;
        connection.execute_batch("PRAGMA foreign_keys = ON")?;
        connection.execute_batch(include_str!("bank.sql"))?;
        let transaction = connection.transaction()?;
        for (name, opening) in accounts {
            transaction.execute(
                "INSERT INTO accounts (name, opening_cents, balance_cents) VALUES (?1, ?2, ?2)",
                params![name, opening],
            )?;
        }
        transaction.commit()?;
        Ok(Self(connection))
    }

    /// Makes a payment, or none if this one was made under the key before.
    pub(crate) fn pay(&mut self, key: &str, payment: Payment) -> Result<Payment, BankError> {
        // Any other writer of the file writes before the balance is read, or after the payment.
        let transaction = self
            .0
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        if let Some(made_before) = find(&transaction, key)? {
            return if made_before == payment {
                Ok(made_before)
            } else {
                Err(BankError::KeyTaken(made_before))
            };
        }
        let Payment { from, to, amount } = &payment;
        let balance = "SELECT balance_cents FROM accounts WHERE name = ?1";
        let balance = transaction
            .query_row(balance, [from], |row| row.get(0))
            .optional()?;
        let balance = balance.ok_or_else(|| BankError::NoSuchAccount(from.clone()))?;
        if balance < *amount {
            return Err(BankError::InsufficientBalance {
                account: from.clone(),
                balance,
                amount: *amount,
            });
        }
        transaction.execute(
            "UPDATE accounts SET balance_cents = balance_cents - ?2 WHERE name = ?1",
            params![from, amount],
        )?;
        let credited = transaction.execute(
            "UPDATE accounts SET balance_cents = balance_cents + ?2 WHERE name = ?1",
            params![to, amount],
        )?;
        if credited == 0 {
            // The transaction is rolled back where it is dropped.
            return Err(BankError::NoSuchAccount(to.clone()));
        }
        transaction.execute(
            "INSERT INTO payments (idempotency_key, from_account, to_account, cents)
             VALUES (?1, ?2, ?3, ?4)",
            params![key, from, to, amount],
        )?;
        transaction.commit()?;
        Ok(payment)
    }

    /// The payment that was made under a key.
    pub(crate) fn find(&self, key: &str) -> Result<Option<Payment>, BankError> {
        Ok(find(&self.0, key)?)
    }
}

fn find(connection: &Connection, key: &str) -> rusqlite::Result<Option<Payment>> {
    let payment = connection.query_row(
        "SELECT from_account, to_account, cents FROM payments WHERE idempotency_key = ?1",
        [key],
        |row| {
            Ok(Payment {
                from: row.get(0)?,
                to: row.get(1)?,
                amount: row.get(2)?,
            })
        },
    );
    payment.optional()
}

/// Why a bank did not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BankError {
    #[error("insufficient balance: {account} has {balance}, the payment is of {amount}")]
    InsufficientBalance {
        account: String,
        balance: Money,
        amount: Money,
    },
    #[error("there is no account `{0}`")]
    NoSuchAccount(String),
    #[error("another payment was made under this key: {0}")]
    KeyTaken(Payment),
    #[error("the bank is closed")]
    Closed,
    #[error("the database failed")]
    Database(#[from] rusqlite::Error),
}

impl BankError {
    /// Whether asking again may help.
    pub(crate) fn is_transient(&self) -> bool {
        matches!(self, Self::Closed)
    }

    /// Whether the payment may have been made all the same: a commit that failed may be on disk.
    pub(crate) fn may_have_happened(&self) -> bool {
        matches!(self, Self::Database(_))
    }
}
