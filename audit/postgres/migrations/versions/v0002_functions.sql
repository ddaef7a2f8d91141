-- The latest time that a process may write: five minutes after the database's own. One
-- machine whose clock is wrong would set the log's time forth for all, and that never
-- runs back.
CREATE FUNCTION sallyport_log.latest() RETURNS bigint LANGUAGE sql
SET search_path = pg_catalog, pg_temp AS $$
    SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint + 300000;
$$;
REVOKE ALL ON FUNCTION sallyport_log.latest() FROM PUBLIC;

CREATE OR REPLACE FUNCTION sallyport_log.sequence(
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
            AND (p_ms <= c.ms OR p_ms <= sallyport_log.latest())
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

CREATE OR REPLACE FUNCTION sallyport_log.tell(p_ms bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM sallyport_log.durable();
    IF p_ms > sallyport_log.latest()
        AND p_ms > (SELECT ms FROM sallyport_log.seq_coord WHERE id = 0) THEN
        RAISE EXCEPTION 'the clock here is ahead of the database''s'
            USING ERRCODE = 'SP003';
    END IF;
    UPDATE sallyport_log.seq_coord SET ms = p_ms WHERE id = 0 AND ms < p_ms;
END $$;

CREATE INDEX file_entry ON sallyport_log.file (entry);
