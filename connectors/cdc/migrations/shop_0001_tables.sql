-- What the shop knows of products and customers, and by what it wants decisions to be taken. What
-- the contracts forbid is refused here, where somebody sees it.

-- "From when on it holds", by the clock; an edit cannot set it back.
CREATE FUNCTION shop.stamp() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.updated_at := now();
    RETURN NEW;
END
$$;

-- Its argument tells why.
CREATE FUNCTION shop.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of shop.% is refused: %', lower(TG_OP), TG_TABLE_NAME, TG_ARGV[0];
END
$$;

CREATE TABLE shop.products (
    sku text PRIMARY KEY CHECK (sku <> ''),
    name text NOT NULL,
    category text NOT NULL,
    price_minor bigint NOT NULL CHECK (price_minor >= 0),
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    updated_at timestamptz(3) NOT NULL DEFAULT now()
);

CREATE TABLE shop.customers (
    customer_id text PRIMARY KEY CHECK (customer_id <> ''),
    loyalty_tier text CHECK (loyalty_tier <> ''),
    country text CHECK (country ~ '^[A-Z]{2}$'),
    created_at timestamptz(3),
    updated_at timestamptz(3) NOT NULL DEFAULT now()
);

CREATE TABLE shop.stock_policies (
    sku text PRIMARY KEY CHECK (sku <> ''),
    reorder_point bigint NOT NULL DEFAULT 0 CHECK (reorder_point BETWEEN 0 AND 1000000000),
    reorder_quantity bigint NOT NULL DEFAULT 0 CHECK (reorder_quantity BETWEEN 0 AND 1000000000),
    reservation_timeout_s bigint NOT NULL DEFAULT 900
        CHECK (reservation_timeout_s BETWEEN 1 AND 31622400),
    updated_at timestamptz(3) NOT NULL DEFAULT now()
);

CREATE TABLE shop.price_policies (
    sku text PRIMARY KEY CHECK (sku <> ''),
    version bigint NOT NULL DEFAULT 1 CHECK (version >= 1),
    currency text CHECK (currency ~ '^[A-Z]{3}$'),
    category text CHECK (category <> ''),
    base_minor bigint CHECK (base_minor > 0),
    floor_minor bigint CHECK (floor_minor > 0),
    ceiling_minor bigint CHECK (ceiling_minor > 0 AND ceiling_minor <= 1000000000000),
    cost_minor bigint CHECK (cost_minor > 0),
    margin_pct double precision CHECK (margin_pct BETWEEN 0 AND 1000),
    max_step_pct double precision CHECK (max_step_pct > 0 AND max_step_pct <= 100),
    cooldown_s bigint CHECK (cooldown_s BETWEEN 1 AND 31622400),
    surge_ratio double precision CHECK (surge_ratio BETWEEN 0 AND 1000000),
    surge_end_ratio double precision CHECK (surge_end_ratio BETWEEN 0 AND 1000000),
    surge_min_views bigint CHECK (surge_min_views BETWEEN 1 AND 1000000000),
    surge_pct double precision CHECK (surge_pct BETWEEN 0 AND 100),
    low_stock_units bigint CHECK (low_stock_units BETWEEN 0 AND 1000000000),
    restocked_units bigint CHECK (restocked_units BETWEEN 0 AND 1000000000),
    low_stock_pct double precision CHECK (low_stock_pct BETWEEN 0 AND 100),
    competitor_weight double precision CHECK (competitor_weight BETWEEN 0 AND 0.9),
    competitor_dead_band_pct double precision CHECK (competitor_dead_band_pct BETWEEN 0 AND 100),
    competitor_max_age_s bigint CHECK (competitor_max_age_s BETWEEN 1 AND 31622400),
    updated_at timestamptz(3) NOT NULL DEFAULT now(),
    CONSTRAINT a_sku_has_its_own_price CHECK (
        sku = '*' OR num_nulls(currency, base_minor, floor_minor, ceiling_minor, cost_minor) = 0
    ),
    CONSTRAINT base_is_between_floor_and_ceiling CHECK (
        floor_minor <= base_minor AND base_minor <= ceiling_minor
    ),
    CONSTRAINT cost_is_below_ceiling CHECK (cost_minor <= ceiling_minor)
);

CREATE TABLE shop.promotions (
    promotion_id text PRIMARY KEY CHECK (promotion_id <> ''),
    sku text CHECK (sku <> ''),
    category text CHECK (category <> ''),
    percent double precision CHECK (percent > 0 AND percent <= 100),
    amount_minor bigint CHECK (amount_minor > 0 AND amount_minor <= 1000000000000),
    currency text CHECK (currency ~ '^[A-Z]{3}$'),
    starts_at timestamptz(3) NOT NULL CHECK (starts_at > '1970-01-01Z'),
    ends_at timestamptz(3) NOT NULL CHECK (ends_at > '1970-01-01Z'),
    loyalty_tier text CHECK (loyalty_tier IN ('BRONZE', 'SILVER', 'GOLD', 'PLATINUM')),
    stackable boolean NOT NULL DEFAULT FALSE,
    updated_at timestamptz(3) NOT NULL DEFAULT now(),
    CONSTRAINT it_is_for_a_sku_or_a_category CHECK (num_nonnulls(sku, category) = 1),
    CONSTRAINT it_takes_off_percent_or_amount CHECK (num_nonnulls(percent, amount_minor) = 1),
    CONSTRAINT an_amount_has_a_currency CHECK (amount_minor IS NULL OR currency IS NOT NULL)
);

-- Decisions name the set of rules that they were taken by, so every change makes a new version of
-- the whole set. The row's lock, held until the commit, makes versions count up in the order in
-- which changes are seen.
CREATE TABLE shop.rule_set (
    one boolean PRIMARY KEY DEFAULT TRUE CHECK (one),
    version bigint NOT NULL
);

INSERT INTO shop.rule_set (version) VALUES (1);

CREATE FUNCTION shop.next_rule_set() RETURNS bigint LANGUAGE sql AS $$
    UPDATE shop.rule_set SET version = version + 1 RETURNING version
$$;

-- Names and numbers only: the stream reads them without a parser of JSON.
CREATE FUNCTION shop.are_parameters(given jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_typeof(given) = 'object' AND NOT EXISTS (
        SELECT 1
        FROM jsonb_each(given) AS parameter (name, value)
        WHERE name !~ '^[a-z_]+(\.[A-Z]{3})?$'
            OR CASE jsonb_typeof(value) WHEN 'number' THEN value::numeric < 0 ELSE TRUE END
    )
$$;

CREATE TABLE shop.fraud_rules (
    rule_id text PRIMARY KEY CHECK (rule_id NOT IN ('', '*')),
    kind text NOT NULL CHECK (kind IN (
        'VELOCITY', 'AMOUNT_DEVIATION', 'NEW_ACCOUNT_AMOUNT', 'NEW_DEVICE', 'NEW_SHIPPING_COUNTRY',
        'IP_COUNTRY', 'IMPOSSIBLE_TRAVEL', 'SHARED_DEVICE', 'SHARED_CARD', 'LINK_ORDERS',
        'DECLINED_PAYMENTS', 'KNOWN_FRAUD', 'ODD_HOURS'
    )),
    weight double precision NOT NULL CHECK (weight BETWEEN 0 AND 99),
    parameters jsonb NOT NULL DEFAULT '{}' CHECK (shop.are_parameters(parameters)),
    mode text NOT NULL CHECK (mode IN ('ACTIVE', 'SHADOW', 'OFF')),
    version bigint NOT NULL DEFAULT shop.next_rule_set() CHECK (version >= 1),
    updated_at timestamptz(3) NOT NULL DEFAULT now()
);

CREATE FUNCTION shop.version_price_policy() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.version := OLD.version + 1;
    RETURN NEW;
END
$$;

CREATE FUNCTION shop.version_fraud_rule() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.version := shop.next_rule_set();
    RETURN NEW;
END
$$;

-- A deletion carries no version, and without the rule the set is another one. So a rule is turned
-- off before it goes, in the same statement, which therefore reports that it deleted nothing.
CREATE FUNCTION shop.turn_off_before_deletion() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.mode = 'OFF' THEN
        RETURN OLD;
    END IF;
    UPDATE shop.fraud_rules SET mode = 'OFF' WHERE rule_id = OLD.rule_id;
    DELETE FROM shop.fraud_rules WHERE rule_id = OLD.rule_id;
    RETURN NULL;
END
$$;

CREATE TRIGGER stamped BEFORE UPDATE ON shop.products
    FOR EACH ROW EXECUTE FUNCTION shop.stamp();
CREATE TRIGGER stamped BEFORE UPDATE ON shop.customers
    FOR EACH ROW EXECUTE FUNCTION shop.stamp();
CREATE TRIGGER stamped BEFORE UPDATE ON shop.stock_policies
    FOR EACH ROW EXECUTE FUNCTION shop.stamp();
CREATE TRIGGER stamped BEFORE UPDATE ON shop.price_policies
    FOR EACH ROW EXECUTE FUNCTION shop.stamp();
CREATE TRIGGER stamped BEFORE UPDATE ON shop.promotions
    FOR EACH ROW EXECUTE FUNCTION shop.stamp();
CREATE TRIGGER stamped BEFORE UPDATE ON shop.fraud_rules
    FOR EACH ROW EXECUTE FUNCTION shop.stamp();

CREATE TRIGGER versioned BEFORE UPDATE ON shop.price_policies
    FOR EACH ROW EXECUTE FUNCTION shop.version_price_policy();
CREATE TRIGGER versioned BEFORE UPDATE ON shop.fraud_rules
    FOR EACH ROW EXECUTE FUNCTION shop.version_fraud_rule();
CREATE TRIGGER turned_off BEFORE DELETE ON shop.fraud_rules
    FOR EACH ROW EXECUTE FUNCTION shop.turn_off_before_deletion();

CREATE TRIGGER lasting BEFORE DELETE ON shop.price_policies
    FOR EACH ROW EXECUTE FUNCTION shop.refuse('a sku that has a price keeps one');
CREATE TRIGGER lasting_key BEFORE UPDATE ON shop.price_policies
    FOR EACH ROW WHEN (NEW.sku <> OLD.sku)
    EXECUTE FUNCTION shop.refuse('a sku that has a price keeps one; insert the other sku');
CREATE TRIGGER lasting_scope BEFORE UPDATE ON shop.promotions
    FOR EACH ROW WHEN (
        (NEW.promotion_id, NEW.sku, NEW.category)
        IS DISTINCT FROM (OLD.promotion_id, OLD.sku, OLD.category)
    )
    EXECUTE FUNCTION shop.refuse('whom a promotion is for never changes; insert another one');

-- The log says of a truncation only that there was one.
CREATE TRIGGER row_by_row BEFORE TRUNCATE ON shop.products
    FOR EACH STATEMENT EXECUTE FUNCTION shop.refuse('use DELETE, which the stream can follow');
CREATE TRIGGER row_by_row BEFORE TRUNCATE ON shop.customers
    FOR EACH STATEMENT EXECUTE FUNCTION shop.refuse('use DELETE, which the stream can follow');
CREATE TRIGGER row_by_row BEFORE TRUNCATE ON shop.stock_policies
    FOR EACH STATEMENT EXECUTE FUNCTION shop.refuse('use DELETE, which the stream can follow');
CREATE TRIGGER row_by_row BEFORE TRUNCATE ON shop.price_policies
    FOR EACH STATEMENT EXECUTE FUNCTION shop.refuse('use DELETE, which the stream can follow');
CREATE TRIGGER row_by_row BEFORE TRUNCATE ON shop.promotions
    FOR EACH STATEMENT EXECUTE FUNCTION shop.refuse('use DELETE, which the stream can follow');
CREATE TRIGGER row_by_row BEFORE TRUNCATE ON shop.fraud_rules
    FOR EACH STATEMENT EXECUTE FUNCTION shop.refuse('use DELETE, which the stream can follow');

-- So that a deletion tells the whole row, and an update also the long values that it left alone.
ALTER TABLE shop.products REPLICA IDENTITY FULL;
ALTER TABLE shop.customers REPLICA IDENTITY FULL;
ALTER TABLE shop.stock_policies REPLICA IDENTITY FULL;
ALTER TABLE shop.price_policies REPLICA IDENTITY FULL;
ALTER TABLE shop.promotions REPLICA IDENTITY FULL;
ALTER TABLE shop.fraud_rules REPLICA IDENTITY FULL;

CREATE PUBLICATION shop FOR TABLE
    shop.products, shop.customers, shop.stock_policies, shop.price_policies, shop.promotions,
    shop.fraud_rules;
