-- The proof, asked of both banks at once: `main` is North, `south` is South.

CREATE TEMP VIEW accounts AS
SELECT 'North' AS bank, name, opening_cents, balance_cents FROM main.accounts
UNION ALL
SELECT 'South', name, opening_cents, balance_cents FROM south.accounts;

CREATE TEMP VIEW payments AS
SELECT 'North' AS bank, from_account, to_account, cents FROM main.payments
UNION ALL
SELECT 'South', from_account, to_account, cents FROM south.payments;

-- Has a row for everything that is wrong, and is empty however a transfer ended.
CREATE TEMP VIEW problems AS
-- A bank has what it had.
SELECT printf('%s had %d cents and has %d', bank, sum(opening_cents), sum(balance_cents)) AS problem
FROM accounts
GROUP BY bank
HAVING sum(balance_cents) <> sum(opening_cents)

UNION ALL
-- On an account there is what was there, and what its payments made of it.
SELECT printf('%s at %s should have %d cents and has %d', name, bank, expected, balance_cents)
FROM (
    SELECT
        a.bank,
        a.name,
        a.balance_cents,
        a.opening_cents
            + (SELECT coalesce(sum(cents), 0) FROM payments p
               WHERE (p.bank, p.to_account) = (a.bank, a.name))
            - (SELECT coalesce(sum(cents), 0) FROM payments p
               WHERE (p.bank, p.from_account) = (a.bank, a.name)) AS expected
    FROM accounts a
)
WHERE balance_cents <> expected;

-- What ann has paid, and what bob was paid.
CREATE TEMP VIEW moved AS
SELECT
    (SELECT opening_cents - balance_cents FROM main.accounts WHERE name = 'ann') AS withdrawn,
    (SELECT balance_cents - opening_cents FROM south.accounts WHERE name = 'bob') AS deposited;

CREATE TEMP VIEW balances AS
SELECT
    max(balance_cents) FILTER (WHERE (bank, name) = ('North', 'ann')) AS ann,
    max(balance_cents) FILTER (WHERE (bank, name) = ('North', 'clearing')) AS clearing_at_north,
    max(balance_cents) FILTER (WHERE (bank, name) = ('South', 'clearing')) AS clearing_at_south,
    max(balance_cents) FILTER (WHERE (bank, name) = ('South', 'bob')) AS bob,
    sum(balance_cents) AS total
FROM accounts;
