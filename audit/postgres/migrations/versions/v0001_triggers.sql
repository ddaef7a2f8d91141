-- SP001 is what the client reads as content that conflicts: the log then stops.
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
