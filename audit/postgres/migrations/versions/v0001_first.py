"""The tables, functions and triggers of a log.

``seq`` holds the leaves. Nobody changes or deletes one: no role is granted it, and
triggers refuse it to the owner as well. Everything that the gateway's role may do is
a function, so that what it may add is checked here.
"""

from __future__ import annotations

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE sallyport_log.charter (
    id smallint PRIMARY KEY CHECK (id = 0),
    state bytea NOT NULL
);

CREATE TABLE sallyport_log.seq_coord (
    id smallint PRIMARY KEY CHECK (id = 0),
    next bigint NOT NULL,
    ms bigint NOT NULL,
    turn bigint NOT NULL,
    fence bytea NOT NULL
) WITH (fillfactor = 50);
INSERT INTO sallyport_log.seq_coord VALUES (0, 0, 0, 0, '');

CREATE TABLE sallyport_log.seq (
    first bigint PRIMARY KEY,
    count integer NOT NULL CHECK (count BETWEEN 1 AND 1024),
    ms bigint NOT NULL,
    batch bytea NOT NULL UNIQUE,
    hashes bytea NOT NULL CHECK (length(hashes) = 32 * count),
    leaves bytea NOT NULL
);
ALTER TABLE sallyport_log.seq ALTER COLUMN leaves SET STORAGE EXTERNAL;
ALTER TABLE sallyport_log.seq ALTER COLUMN hashes SET STORAGE EXTERNAL;

CREATE TABLE sallyport_log.sealed (
    first bigint PRIMARY KEY,
    records bytea NOT NULL
);
ALTER TABLE sallyport_log.sealed ALTER COLUMN records SET STORAGE EXTERNAL;

CREATE TABLE sallyport_log.epoch (
    id bytea PRIMARY KEY,
    document bytea NOT NULL
);

CREATE TABLE sallyport_log.dedup (
    key bytea PRIMARY KEY,
    first bigint NOT NULL,
    place integer NOT NULL,
    request bytea NOT NULL,
    content bytea NOT NULL,
    hour integer NOT NULL
);
CREATE INDEX dedup_hour ON sallyport_log.dedup (hour);

CREATE TABLE sallyport_log.file (
    name text PRIMARY KEY,
    entry bigint NOT NULL,
    body bytea NOT NULL
);

CREATE TABLE sallyport_log.tile (
    level smallint NOT NULL CHECK (level BETWEEN 0 AND 63),
    place bigint NOT NULL,
    hashes bytea NOT NULL CHECK (
        length(hashes) % 32 = 0 AND length(hashes) BETWEEN 32 AND 8192
    ),
    PRIMARY KEY (level, place)
) WITH (fillfactor = 80);
ALTER TABLE sallyport_log.tile ALTER COLUMN hashes SET STORAGE EXTERNAL;

CREATE TABLE sallyport_log.int_coord (
    id smallint PRIMARY KEY CHECK (id = 0),
    size bigint NOT NULL,
    root bytea NOT NULL
) WITH (fillfactor = 50);
INSERT INTO sallyport_log.int_coord VALUES (0, 0, sha256(''));

CREATE TABLE sallyport_log.pub_coord (
    id smallint PRIMARY KEY CHECK (id = 0),
    size bigint NOT NULL,
    root bytea NOT NULL,
    ms bigint NOT NULL,
    note bytea NOT NULL,
    kept bytea NOT NULL,
    kept_ms bigint NOT NULL
) WITH (fillfactor = 50);
"""

# SP001 is what the client reads as content that conflicts: the log then stops.
TRIGGERS = """
CREATE FUNCTION sallyport_log.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a log only grows: % of % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'SP002';
END $$;
CREATE TRIGGER leaves_stay BEFORE UPDATE OR DELETE ON sallyport_log.seq
    FOR EACH ROW EXECUTE FUNCTION sallyport_log.refuse();
CREATE TRIGGER leaves_stay_all BEFORE TRUNCATE ON sallyport_log.seq
    FOR EACH STATEMENT EXECUTE FUNCTION sallyport_log.refuse();
CREATE TRIGGER files_stay BEFORE DELETE ON sallyport_log.file
    FOR EACH ROW EXECUTE FUNCTION sallyport_log.refuse();
CREATE TRIGGER tiles_stay BEFORE DELETE ON sallyport_log.tile
    FOR EACH ROW EXECUTE FUNCTION sallyport_log.refuse();

CREATE FUNCTION sallyport_log.same() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.name = OLD.name AND NEW.body = OLD.body THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION '% holds something else', OLD.name USING ERRCODE = 'SP001';
END $$;
CREATE TRIGGER files_never_change BEFORE UPDATE ON sallyport_log.file
    FOR EACH ROW EXECUTE FUNCTION sallyport_log.same();

CREATE FUNCTION sallyport_log.wider() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.level, NEW.place) = (OLD.level, OLD.place)
        AND substr(NEW.hashes, 1, length(OLD.hashes)) = OLD.hashes THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'tile % of level % holds something else', OLD.place, OLD.level
        USING ERRCODE = 'SP001';
END $$;
CREATE TRIGGER tiles_only_grow BEFORE UPDATE ON sallyport_log.tile
    FOR EACH ROW EXECUTE FUNCTION sallyport_log.wider();

CREATE FUNCTION sallyport_log.forward() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.size > OLD.size OR (NEW.size, NEW.root) = (OLD.size, OLD.root) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% would run back from % to %', TG_TABLE_NAME, OLD.size, NEW.size
        USING ERRCODE = 'SP001';
END $$;
CREATE TRIGGER only_forward BEFORE UPDATE ON sallyport_log.int_coord
    FOR EACH ROW EXECUTE FUNCTION sallyport_log.forward();
CREATE TRIGGER only_forward BEFORE UPDATE ON sallyport_log.pub_coord
    FOR EACH ROW EXECUTE FUNCTION sallyport_log.forward();
"""

FUNCTIONS = """
-- Whatever the session or the server says: a commit is on this disk, and on that of
-- the standby where there is a synchronous one; and nobody waits for ever.
CREATE FUNCTION sallyport_log.durable() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('synchronous_commit') NOT IN ('on', 'remote_apply') THEN
        PERFORM set_config('synchronous_commit', 'on', true);
    END IF;
    PERFORM set_config('lock_timeout', '4s', true);
END $$;

-- The commit point. No row comes back where the batch must not be written as it is.
CREATE FUNCTION sallyport_log.sequence(
    p_batch bytea, p_fence bytea, p_seen bigint, p_turn bigint,
    p_oldest bigint, p_ms bigint, p_count integer,
    p_hashes bytea, p_leaves bytea, p_records bytea,
    p_keys bytea[], p_places integer[], p_requests bytea[], p_contents bytea[],
    p_names text[], p_owners integer[], p_bodies bytea[]
) RETURNS TABLE (o_first bigint, o_ms bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM sallyport_log.durable();
    RETURN QUERY WITH moved AS (
        UPDATE sallyport_log.seq_coord AS c
        SET next = c.next + p_count, ms = greatest(c.ms, p_ms)
        WHERE c.id = 0 AND c.fence = p_fence AND c.next >= p_seen
            AND c.ms / 3600000 <= p_oldest / 3600000
            AND (p_turn IS NULL OR c.turn = p_turn)
        RETURNING c.next - p_count AS first, c.ms
    ), leaves AS (
        INSERT INTO sallyport_log.seq (first, count, ms, batch, hashes, leaves)
        SELECT m.first, p_count, m.ms, p_batch, p_hashes, p_leaves FROM moved m
    ), records AS (
        INSERT INTO sallyport_log.sealed (first, records)
        SELECT m.first, p_records FROM moved m
    ), keys AS (
        INSERT INTO sallyport_log.dedup (key, first, place, request, content, hour)
        SELECT k.key, m.first, k.place, k.request, k.content, m.ms / 3600000
        FROM moved m, unnest(p_keys, p_places, p_requests, p_contents)
            AS k (key, place, request, content)
    ), files AS (
        INSERT INTO sallyport_log.file AS f (name, entry, body)
        SELECT n.name, m.first + n.owner, n.body
        FROM moved m, unnest(p_names, p_owners, p_bodies) AS n (name, owner, body)
        ON CONFLICT (name) DO UPDATE SET body = excluded.body
    )
    SELECT m.first, m.ms FROM moved m;
END $$;

-- Whether a batch whose outcome nobody heard of stands. The row is locked first, so
-- that a commit under way is waited for; and what this commit waits for is on every
-- disk that it has to be on.
CREATE FUNCTION sallyport_log.settled(p_batch bytea)
RETURNS TABLE (o_first bigint, o_ms bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM sallyport_log.durable();
    UPDATE sallyport_log.seq_coord SET next = next WHERE id = 0;
    RETURN QUERY SELECT s.first, s.ms FROM sallyport_log.seq s WHERE s.batch = p_batch;
END $$;

CREATE FUNCTION sallyport_log.known(p_keys bytea[], p_oldest integer)
RETURNS TABLE (
    o_key bytea, o_place integer, o_request bytea, o_content bytea,
    o_first bigint, o_ms bigint, o_hashes bytea, o_leaves bytea
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM sallyport_log.durable();
    DELETE FROM sallyport_log.dedup d
        WHERE d.key = ANY (p_keys) AND d.hour < p_oldest;
    IF EXISTS (SELECT FROM sallyport_log.dedup d WHERE d.key = ANY (p_keys)) THEN
        UPDATE sallyport_log.seq_coord SET next = next WHERE id = 0;
    END IF;
    RETURN QUERY SELECT d.key, d.place, d.request, d.content,
        s.first, s.ms, s.hashes, s.leaves
        FROM sallyport_log.dedup d JOIN sallyport_log.seq s ON s.first = d.first
        WHERE d.key = ANY (p_keys);
END $$;

CREATE FUNCTION sallyport_log.take_turn()
RETURNS TABLE (o_turn bigint, o_next bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM sallyport_log.durable();
    RETURN QUERY UPDATE sallyport_log.seq_coord AS c SET turn = c.turn + 1
        WHERE c.id = 0 RETURNING c.turn, c.next;
END $$;

CREATE FUNCTION sallyport_log.keep_epoch(p_id bytea, p_document bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM sallyport_log.durable();
    INSERT INTO sallyport_log.epoch VALUES (p_id, p_document)
        ON CONFLICT (id) DO NOTHING;
END $$;

CREATE FUNCTION sallyport_log.begin_log(p_state bytea, p_fence bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM sallyport_log.durable();
    INSERT INTO sallyport_log.charter VALUES (0, p_state);
    UPDATE sallyport_log.seq_coord SET fence = p_fence WHERE id = 0;
END $$;

-- What follows is the integrator's.
CREATE FUNCTION sallyport_log.rewrite(p_state bytea, p_fence bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM sallyport_log.durable();
    UPDATE sallyport_log.charter SET state = p_state WHERE id = 0;
    UPDATE sallyport_log.seq_coord SET fence = p_fence WHERE id = 0;
END $$;

CREATE FUNCTION sallyport_log.attach(p_name text, p_entry bigint, p_body bytea)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM sallyport_log.durable();
    INSERT INTO sallyport_log.file AS f VALUES (p_name, p_entry, p_body)
        ON CONFLICT (name) DO UPDATE SET body = excluded.body;
END $$;

CREATE FUNCTION sallyport_log.tell(p_ms bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM sallyport_log.durable();
    UPDATE sallyport_log.seq_coord SET ms = p_ms WHERE id = 0 AND ms < p_ms;
END $$;

CREATE FUNCTION sallyport_log.begin_publishing(
    p_size bigint, p_root bytea, p_ms bigint, p_note bytea
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM sallyport_log.durable();
    INSERT INTO sallyport_log.pub_coord VALUES (0, p_size, p_root, p_ms, p_note, '', 0)
        ON CONFLICT (id) DO NOTHING;
END $$;
"""


def upgrade() -> None:
    """Make everything."""
    # As they are: nothing in them is a parameter.
    for part in (TABLES, TRIGGERS, FUNCTIONS):
        op.get_bind().exec_driver_sql(part.replace("%", "%%"))


def downgrade() -> None:
    """Refuse: a log is never taken away."""
    raise NotImplementedError("a log has no way back")
