-- What one bank knows. The other has a file of its own, and no transaction spans the two.

BEGIN;

CREATE TABLE accounts (
    name          TEXT    PRIMARY KEY,
    opening_cents INTEGER NOT NULL CHECK (opening_cents >= 0),
    balance_cents INTEGER NOT NULL CHECK (balance_cents >= 0)
);

-- Every payment that was made, and under which key: one that is asked for again is not made again.
CREATE TABLE payments (
    idempotency_key TEXT    PRIMARY KEY,
    from_account    TEXT    NOT NULL REFERENCES accounts (name),
    to_account      TEXT    NOT NULL REFERENCES accounts (name),
    cents           INTEGER NOT NULL CHECK (cents > 0)
);

COMMIT;
