-- The world outside the saga: a warehouse, a card provider, a courier and a mail service.
--
-- What is done under an idempotency key is done once: the key is unique, and who comes with it
-- again gets what is there. An id that was deleted is not used again (AUTOINCREMENT): otherwise an undo that is repeated
-- after a crash could delete the reservation of another order.

BEGIN;

CREATE TABLE products (
    sku         TEXT    PRIMARY KEY,
    name        TEXT    NOT NULL,
    price_cents INTEGER NOT NULL,
    delivered   INTEGER NOT NULL,
    on_hand     INTEGER NOT NULL CHECK (on_hand >= 0)
);

CREATE TABLE reservations (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    idempotency_key TEXT    NOT NULL UNIQUE,
    order_id        TEXT    NOT NULL,
    total_cents     INTEGER NOT NULL
);

CREATE TABLE reserved_lines (
    reservation_id INTEGER NOT NULL REFERENCES reservations (id) ON DELETE CASCADE,
    sku            TEXT    NOT NULL REFERENCES products (sku),
    quantity       INTEGER NOT NULL
);

CREATE TABLE payments (
    id              INTEGER PRIMARY KEY,
    idempotency_key TEXT    NOT NULL UNIQUE,
    order_id        TEXT    NOT NULL,
    card            TEXT    NOT NULL,
    amount_cents    INTEGER NOT NULL
);

CREATE TABLE refunds (
    idempotency_key TEXT    NOT NULL UNIQUE,
    payment_id      INTEGER NOT NULL REFERENCES payments (id),
    amount_cents    INTEGER NOT NULL
);

CREATE TABLE shipments (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    idempotency_key TEXT    NOT NULL UNIQUE,
    order_id        TEXT    NOT NULL,
    reservation_id  INTEGER NOT NULL,
    ship_to         TEXT    NOT NULL
);

CREATE TABLE receipts (
    id              INTEGER PRIMARY KEY,
    idempotency_key TEXT    NOT NULL UNIQUE,
    order_id        TEXT    NOT NULL,
    email           TEXT    NOT NULL,
    payment_id      INTEGER NOT NULL,
    shipment_id     INTEGER NOT NULL
);

INSERT INTO products (sku, name, price_cents, delivered, on_hand) VALUES
    ('gooseneck-kettle-1l', 'Gooseneck kettle, 1 l',        8900,  24,  24),
    ('burr-grinder',        'Burr grinder, 40 settings',   15900,  12,  12),
    ('pour-over-set',       'Pour-over dripper and jug',    4200,  30,  30),
    ('paper-filters-100',   'Paper filters, 100 pieces',     650, 200, 200),
    ('espresso-beans-1kg',  'Espresso beans, 1 kg',         2450,  80,  80),
    ('milk-jug-350ml',      'Steel milk jug, 350 ml',       1850,  18,  18),
    ('precision-scale',     'Precision scale with timer',   5400,  15,  15),
    ('descaler-500ml',      'Descaler, 500 ml',              990,  60,  60);

-- What the orders file says, for the proof to compare with. The saga never reads these.
CREATE TABLE orders (
    id            TEXT PRIMARY KEY,
    expected_end  TEXT NOT NULL,
    expected_step TEXT
);

CREATE TABLE order_items (
    order_id TEXT    NOT NULL REFERENCES orders (id),
    sku      TEXT    NOT NULL,
    quantity INTEGER NOT NULL
);

-- What the sagas said of themselves.
CREATE TABLE endings (
    order_id TEXT PRIMARY KEY,
    "end"    TEXT NOT NULL,
    step     TEXT,
    -- Whether that step may have taken effect.
    in_doubt INTEGER NOT NULL
);

COMMIT;
