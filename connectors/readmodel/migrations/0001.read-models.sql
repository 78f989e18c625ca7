-- The read models: tables that are written by sql/readmodel and read by everybody else.
--
-- A table is partitioned into one part, <table>_rows, so that a rebuild can put another part in its
-- place while the table itself stays, with its guards, views and grants.
-- Times are UTC, as all times of the suite; amounts are minor units of their currency.

-- The guard: a trigger calls this for an update by an older row, which then does not happen.
CREATE FUNCTION readmodel.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RETURN NULL;
END
$$;

-- A door is where rows of some of a table's columns come in: a view whose inserts are upserts, so
-- that who knows only INSERT can write, one record after the other, each against the guard.
CREATE PROCEDURE readmodel.make_door(door text, target text, columns text[])
LANGUAGE plpgsql AS $$
DECLARE
    key text[];
    names text;
    news text;
    sets text;
BEGIN
    SELECT array_agg(attname::text) INTO key
    FROM pg_index
    INNER JOIN pg_attribute ON attrelid = indrelid AND attnum = ANY(indkey)
    WHERE indrelid = format('readmodel.%I', target)::regclass AND indisprimary;
    SELECT
        string_agg(format('%I', name), ', '),
        string_agg(format('NEW.%I', name), ', '),
        string_agg(format('%1$I = EXCLUDED.%1$I', name), ', ') FILTER (WHERE name <> ALL(key))
    INTO names, news, sets
    FROM unnest(key || columns) AS name;
    EXECUTE format(
        'CREATE VIEW readmodel_in.%I AS SELECT %s FROM readmodel.%I', door, names, target
    );
    EXECUTE format(
        'CREATE FUNCTION readmodel_in.%I() RETURNS trigger LANGUAGE plpgsql AS $door$ BEGIN '
        'INSERT INTO readmodel.%I (%s) VALUES (%s) ON CONFLICT (%s) DO UPDATE SET %s; '
        'RETURN NEW; END $door$',
        door, target, names, news,
        (SELECT string_agg(format('%I', name), ', ') FROM unnest(key) AS name), sets
    );
    EXECUTE format(
        'CREATE TRIGGER upsert INSTEAD OF INSERT ON readmodel_in.%1$I '
        'FOR EACH ROW EXECUTE FUNCTION readmodel_in.%1$I()',
        door
    );
END
$$;

CREATE SCHEMA readmodel_in;

-- What can be sold of a sku at a warehouse: total - reserved - committed.
CREATE TABLE readmodel.availability (
    sku text,
    warehouse_id text,
    total bigint NOT NULL,
    reserved bigint NOT NULL,
    committed bigint NOT NULL,
    available bigint NOT NULL,
    updated_at timestamp(3) NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (sku, warehouse_id)
) PARTITION BY HASH (sku);
CREATE TABLE readmodel.availability_rows PARTITION OF readmodel.availability
FOR VALUES WITH (MODULUS 1, REMAINDER 0);
CREATE TRIGGER refuse_stale BEFORE UPDATE ON readmodel.availability
FOR EACH ROW WHEN (NEW.version < OLD.version) EXECUTE FUNCTION readmodel.refuse();
CALL readmodel.make_door(
    'availability', 'availability',
    '{total, reserved, committed, available, updated_at, version}'
);

-- Where an order stands and why, and where its parcel can be followed. An order whose parcel is
-- known before its first step has no state yet.
CREATE TABLE readmodel.orders (
    order_id text PRIMARY KEY,
    customer_id text,
    state text,
    cause text,
    explanation text,
    updated_at timestamp(3),
    sequence bigint,
    tracking_number text,
    carrier text,
    parcel_at timestamp(3)
) PARTITION BY HASH (order_id);
CREATE TABLE readmodel.orders_rows PARTITION OF readmodel.orders
FOR VALUES WITH (MODULUS 1, REMAINDER 0);
CREATE INDEX orders_by_customer ON readmodel.orders (customer_id);
CREATE TRIGGER refuse_stale BEFORE UPDATE ON readmodel.orders
FOR EACH ROW WHEN (NEW.sequence < OLD.sequence) EXECUTE FUNCTION readmodel.refuse();
CREATE TRIGGER refuse_stale_parcel BEFORE UPDATE ON readmodel.orders
FOR EACH ROW WHEN (NEW.parcel_at < OLD.parcel_at) EXECUTE FUNCTION readmodel.refuse();
CALL readmodel.make_door(
    'orders', 'orders', '{customer_id, state, cause, explanation, updated_at, sequence}'
);
CALL readmodel.make_door('parcels', 'orders', '{tracking_number, carrier, parcel_at}');

-- Everything that happened to an order, in the order of happened_at and then sequence. kind STEP:
-- what is its cause, state the state after it. kind DELAY: what is waited for, in which state.
CREATE TABLE readmodel.order_timeline (
    order_id text,
    entry_id text,
    happened_at timestamp(3) NOT NULL,
    kind text NOT NULL,
    what text NOT NULL,
    state text NOT NULL,
    explanation text NOT NULL,
    sequence bigint,
    PRIMARY KEY (order_id, entry_id)
) PARTITION BY HASH (order_id);
CREATE TABLE readmodel.order_timeline_rows PARTITION OF readmodel.order_timeline
FOR VALUES WITH (MODULUS 1, REMAINDER 0);
CREATE TRIGGER refuse_stale BEFORE UPDATE ON readmodel.order_timeline
FOR EACH ROW WHEN (NEW.happened_at < OLD.happened_at) EXECUTE FUNCTION readmodel.refuse();
CALL readmodel.make_door(
    'order_timeline', 'order_timeline',
    '{happened_at, kind, what, state, explanation, sequence}'
);

-- Orders that a reviewer was asked about: status OPEN until they are no longer IN_REVIEW, null
-- while the order has not taken the decision up. The first decision holds, as it does for orders.
CREATE TABLE readmodel.fraud_review_queue (
    order_id text PRIMARY KEY,
    decision_id text,
    customer_id text,
    score bigint,
    reasons jsonb,
    rules_version bigint,
    decided_at timestamp(3),
    decision_offset bigint,
    status text,
    state text,
    cause text,
    changed_at timestamp(3),
    sequence bigint
) PARTITION BY HASH (order_id);
CREATE TABLE readmodel.fraud_review_queue_rows PARTITION OF readmodel.fraud_review_queue
FOR VALUES WITH (MODULUS 1, REMAINDER 0);
CREATE INDEX fraud_review_queue_by_score ON readmodel.fraud_review_queue (status, score);
CREATE TRIGGER refuse_stale BEFORE UPDATE ON readmodel.fraud_review_queue
FOR EACH ROW WHEN (NEW.sequence < OLD.sequence) EXECUTE FUNCTION readmodel.refuse();
CREATE TRIGGER refuse_another_decision BEFORE UPDATE ON readmodel.fraud_review_queue
FOR EACH ROW WHEN (NEW.decision_offset > OLD.decision_offset) EXECUTE FUNCTION readmodel.refuse();
CALL readmodel.make_door(
    'fraud_decisions', 'fraud_review_queue',
    '{decision_id, customer_id, score, reasons, rules_version, decided_at, decision_offset}'
);
CALL readmodel.make_door(
    'fraud_reviews', 'fraud_review_queue', '{status, state, cause, changed_at, sequence}'
);

-- What a sku costs now, and why. number counts its changes.
CREATE TABLE readmodel.prices (
    sku text PRIMARY KEY,
    category text,
    currency text NOT NULL,
    price_minor bigint NOT NULL,
    old_minor bigint,
    regular_minor bigint NOT NULL,
    lowest_minor bigint NOT NULL,
    highest_minor bigint NOT NULL,
    reasons jsonb NOT NULL,
    limits jsonb NOT NULL,
    promotions jsonb NOT NULL,
    policy_version bigint NOT NULL,
    changed_at timestamp(3) NOT NULL,
    number bigint NOT NULL
) PARTITION BY HASH (sku);
CREATE TABLE readmodel.prices_rows PARTITION OF readmodel.prices
FOR VALUES WITH (MODULUS 1, REMAINDER 0);
CREATE TRIGGER refuse_stale BEFORE UPDATE ON readmodel.prices
FOR EACH ROW WHEN (NEW.number < OLD.number) EXECUTE FUNCTION readmodel.refuse();
CALL readmodel.make_door(
    'prices', 'prices',
    '{category, currency, price_minor, old_minor, regular_minor, lowest_minor, highest_minor,
      reasons, limits, promotions, policy_version, changed_at, number}'
);

-- The latest features of a visitor, a customer or a sku (entity) by its id (key). Those of a
-- session count until valid_until. Of two of the same time, the later in the log is newer.
CREATE TABLE readmodel.features (
    entity text,
    key text,
    features jsonb NOT NULL,
    valid_until timestamp(3),
    event_time timestamp(3) NOT NULL,
    log_offset bigint NOT NULL,
    PRIMARY KEY (entity, key)
) PARTITION BY HASH (key);
CREATE TABLE readmodel.features_rows PARTITION OF readmodel.features
FOR VALUES WITH (MODULUS 1, REMAINDER 0);
CREATE TRIGGER refuse_stale BEFORE UPDATE ON readmodel.features
FOR EACH ROW WHEN ((NEW.event_time, NEW.log_offset) < (OLD.event_time, OLD.log_offset))
EXECUTE FUNCTION readmodel.refuse();
CALL readmodel.make_door(
    'features', 'features', '{features, valid_until, event_time, log_offset}'
);

-- Every reason to write to a customer, what became of it, and what the customer did last with the
-- message. A response that is read before its trigger has no outcome yet.
CREATE TABLE readmodel.engagement_log (
    trigger_id text PRIMARY KEY,
    customer_id text,
    template text,
    outcome text,
    reason text,
    subject text,
    skus jsonb,
    channel text,
    caused_at timestamp(3),
    send_at timestamp(3),
    decided_at timestamp(3),
    response text,
    responded_at timestamp(3)
) PARTITION BY HASH (trigger_id);
CREATE TABLE readmodel.engagement_log_rows PARTITION OF readmodel.engagement_log
FOR VALUES WITH (MODULUS 1, REMAINDER 0);
CREATE INDEX engagement_log_by_customer ON readmodel.engagement_log (customer_id);
CREATE TRIGGER refuse_stale BEFORE UPDATE ON readmodel.engagement_log
FOR EACH ROW WHEN (NEW.decided_at < OLD.decided_at) EXECUTE FUNCTION readmodel.refuse();
CREATE TRIGGER refuse_stale_response BEFORE UPDATE ON readmodel.engagement_log
FOR EACH ROW WHEN (NEW.responded_at < OLD.responded_at) EXECUTE FUNCTION readmodel.refuse();
CALL readmodel.make_door(
    'engagement_triggers', 'engagement_log',
    '{customer_id, template, outcome, reason, subject, skus, channel, caused_at, send_at,
      decided_at}'
);
CALL readmodel.make_door('engagement_responses', 'engagement_log', '{response, responded_at}');

-- A minute's figure of a KPI: part of whole. Its version counts what is in both, so that it grows
-- with every event that the figure knows of.
CREATE TABLE readmodel.kpis (
    kpi text,
    minute_start timestamp(3),
    part bigint NOT NULL,
    whole bigint NOT NULL,
    rate double precision NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (kpi, minute_start)
) PARTITION BY HASH (kpi);
CREATE TABLE readmodel.kpis_rows PARTITION OF readmodel.kpis
FOR VALUES WITH (MODULUS 1, REMAINDER 0);
CREATE TRIGGER refuse_stale BEFORE UPDATE ON readmodel.kpis
FOR EACH ROW WHEN (NEW.version < OLD.version) EXECUTE FUNCTION readmodel.refuse();
