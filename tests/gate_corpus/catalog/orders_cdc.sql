-- owner: tests   grain: one row per thing   freshness: seconds
-- What happens in a shop.
CREATE TABLE orders_cdc (
    order_id STRING,
    PRIMARY KEY (order_id) NOT ENFORCED
) WITH (
    'connector' = 'postgres-cdc',
    'hostname' = 'localhost',
    'port' = '5432',
    'username' = 'shop',
    'password' = 'shop',
    'database-name' = 'shop',
    'schema-name' = 'public',
    'table-name' = 'orders'
)
