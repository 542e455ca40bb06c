-- +goose Up
-- A ban asks who else uses the devices that it would put on the blacklist.
CREATE INDEX devices_hwid ON devices (app_id, hwid_hash);
