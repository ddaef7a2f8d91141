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
-- Whoever has not heard of a change of keys does not undo it; asked twice it is the same.
CREATE FUNCTION sallyport_log.rewrite(p_state bytea, p_fence bytea, p_known bytea)
RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM sallyport_log.durable();
    UPDATE sallyport_log.seq_coord SET fence = p_fence
        WHERE id = 0 AND fence IN (p_known, p_fence);
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    UPDATE sallyport_log.charter SET state = p_state WHERE id = 0;
    RETURN true;
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
    INSERT INTO sallyport_log.pub_coord VALUES (0, p_size, p_root, p_ms, p_note, '', '', 0)
        ON CONFLICT (id) DO NOTHING;
END $$;
