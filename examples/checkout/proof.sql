-- The proof: the view `problems` has a row for everything that is wrong, and is empty if every
-- order happened wholly or left no trace, and ended as the orders file says.

-- What stands for each order now.
CREATE TEMP VIEW effects AS
SELECT
    o.id AS order_id,
    (SELECT count(*) FROM reservations r WHERE r.order_id = o.id) AS reservations,
    (SELECT coalesce(sum(p.amount_cents), 0) FROM payments p WHERE p.order_id = o.id)
        - (SELECT coalesce(sum(r.amount_cents), 0)
           FROM refunds r JOIN payments p ON p.id = r.payment_id
           WHERE p.order_id = o.id) AS paid_cents,
    (SELECT count(*) FROM shipments s WHERE s.order_id = o.id) AS shipments,
    (SELECT count(*) FROM receipts r WHERE r.order_id = o.id) AS receipts
FROM orders o;

-- What should stand. An order that completed has everything; one that is stuck at its receipt, past
-- the point of no return, has everything but the receipt, and that too if its saga says that it is in
-- doubt; any other has nothing.
CREATE TEMP VIEW due AS
SELECT
    o.id AS order_id,
    o.expected_end = 'completed' AS told,
    o.expected_end = 'completed'
        OR (o.expected_end = 'stuck' AND o.expected_step = 'send_receipt') AS happened,
    EXISTS (SELECT * FROM endings e
            WHERE e.order_id = o.id AND e.step = 'send_receipt' AND e.in_doubt) AS perhaps_told,
    (SELECT coalesce(sum(i.quantity * p.price_cents), 0)
     FROM order_items i JOIN products p USING (sku)
     WHERE i.order_id = o.id) AS total_cents
FROM orders o;

CREATE TEMP VIEW problems AS
-- Each order ended, and ended as expected.
SELECT
    'order ' || o.id AS subject,
    printf('ended %s, expected %s',
        coalesce(e."end" || coalesce(' at ' || e.step, ''), 'nowhere'),
        o.expected_end || coalesce(' at ' || o.expected_step, '')) AS problem
FROM orders o LEFT JOIN endings e ON e.order_id = o.id
WHERE (e."end", e.step) IS NOT (o.expected_end, o.expected_step)

UNION ALL
-- The warehouse keeps for each order what was ordered, or nothing.
SELECT
    'order ' || order_id,
    printf('%d × %s reserved, %d expected', sum(reserved), sku, sum(expected))
FROM (
    SELECT r.order_id, l.sku, l.quantity AS reserved, 0 AS expected
    FROM reserved_lines l JOIN reservations r ON r.id = l.reservation_id
    UNION ALL
    SELECT i.order_id, i.sku, 0, i.quantity * d.happened
    FROM order_items i JOIN due d USING (order_id)
)
GROUP BY order_id, sku
HAVING sum(reserved) <> sum(expected)

UNION ALL
-- The card has paid the price, once, or nothing.
SELECT
    'order ' || order_id,
    printf('%.2f EUR paid, %.2f EUR expected', paid_cents / 100.0, total_cents * happened / 100.0)
FROM effects JOIN due USING (order_id)
WHERE paid_cents <> total_cents * happened

UNION ALL
SELECT 'order ' || order_id, printf('shipments: %d, %d expected', shipments, happened)
FROM effects JOIN due USING (order_id)
WHERE shipments <> happened

UNION ALL
SELECT 'order ' || order_id, printf('receipts: %d, %d expected', receipts, told)
FROM effects JOIN due USING (order_id)
WHERE receipts NOT IN (told, told OR perhaps_told)

UNION ALL
-- What is on the shelf and what orders took is what was delivered.
SELECT
    'product ' || sku,
    printf('%d on hand, %d expected', on_hand, delivered - taken)
FROM (
    SELECT p.sku, p.on_hand, p.delivered, coalesce(sum(i.quantity * d.happened), 0) AS taken
    FROM products p
        LEFT JOIN order_items i USING (sku)
        LEFT JOIN due d ON d.order_id = i.order_id
    GROUP BY p.sku
)
WHERE on_hand <> delivered - taken

UNION ALL
-- Nothing was done for an order that nobody made.
SELECT 'order ' || order_id, 'is not in the orders file, but ' || what
FROM (
    SELECT order_id, 'stock is reserved for it' AS what FROM reservations
    UNION ALL SELECT order_id, 'it was paid for' FROM payments
    UNION ALL SELECT order_id, 'it was shipped' FROM shipments
    UNION ALL SELECT order_id, 'a receipt was sent for it' FROM receipts
)
WHERE order_id NOT IN (SELECT id FROM orders);

-- How many orders there are of each kind, by what stands for them.
CREATE TEMP VIEW tally AS
SELECT
    count(*) AS orders,
    coalesce(sum(reservations AND paid_cents AND shipments AND receipts), 0) AS whole,
    coalesce(sum(reservations AND paid_cents AND shipments AND NOT receipts), 0) AS without_receipt,
    coalesce(sum(NOT (reservations OR paid_cents OR shipments OR receipts)), 0) AS traceless
FROM effects;
