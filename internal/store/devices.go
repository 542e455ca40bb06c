package store

import (
	"context"
	"fmt"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/secretbox"
)

const deviceSelect = `SELECT d.id, d.app_id, d.user_id, d.hwid_sealed, d.bound_at, d.last_seen_at FROM devices d `

const (
	qDeviceInsert = `INSERT INTO devices (id, app_id, user_id, hwid_hash, hwid_sealed, bound_at, last_seen_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`
	qDeviceFind = `SELECT COUNT(*), COALESCE(MAX(CASE WHEN hwid_hash = $3 THEN id ELSE '' END), ''),
		COALESCE(MAX(CASE WHEN hwid_hash = $3 THEN last_seen_at ELSE 0 END), 0)
		FROM devices WHERE app_id = $1 AND user_id = $2`
	qDeviceSeen    = `UPDATE devices SET last_seen_at = $4 WHERE app_id = $1 AND user_id = $2 AND id = $3`
	qDevicesOfUser = deviceSelect + `WHERE d.app_id = $1 AND d.user_id = $2 ORDER BY d.id`
	// Devices that only they and the banned are bound to.
	qDevicesAlone = deviceSelect + `WHERE d.app_id = $1 AND d.user_id = $2 AND NOT EXISTS (SELECT 1 FROM devices o JOIN users u ON u.app_id = o.app_id AND u.id = o.user_id
		WHERE o.app_id = $1 AND o.hwid_hash = d.hwid_hash AND o.user_id <> $2 AND u.banned_at IS NULL) ORDER BY d.hwid_hash`
	qDeviceDelete  = `DELETE FROM devices WHERE app_id = $1 AND user_id = $2 AND id = $3`
	qDevicesDelete = `DELETE FROM devices WHERE app_id = $1 AND user_id = $2`
)

// A hardware id is hashed under its app's id, so that one computer cannot be
// recognised across apps.
func hwidHash(box *secretbox.Box, appID string, hwid latchkey.Secret) []byte {
	return box.Lookup("hwid", appID, hwid.Reveal())
}

func devicePlace(id string) secretbox.Place {
	return secretbox.Place{Table: "devices", Row: id, Column: "hwid"}
}

// BoundDevices is how many devices a user is bound to, and the one with a
// certain hardware id.
type BoundDevices struct {
	Count int64
	BoundDevice
}

// FindDevice looks for a hardware id among a user's devices.
func (tx *Tx) FindDevice(ctx context.Context, appID, userID string, hwid latchkey.Secret) (b BoundDevices, err error) {
	var seen int64
	err = tx.queryRow(ctx, qDeviceFind, appID, userID, hwidHash(tx.box(), appID, hwid)).Scan(&b.Count, &b.ID, &seen)
	b.LastSeen = fromMs(seen)
	return b, wrap("find device", err)
}

// InsertDevice binds a device. The user must be locked.
func (tx *Tx) InsertDevice(ctx context.Context, d *latchkey.Device) error {
	tx.mark(d.AppID, TopicUsers)
	sealed, err := tx.box().Seal(devicePlace(d.ID), []byte(d.HWID.Reveal()))
	if err != nil {
		return fmt.Errorf("seal hardware id: %w", err)
	}
	err = tx.later(ctx, qDeviceInsert, d.ID, d.AppID, d.UserID, hwidHash(tx.box(), d.AppID, d.HWID), sealed, ms(d.BoundAt), ms(d.LastSeenAt))
	return wrap("insert device", err)
}

// DeviceSeen records that a device of a user signed in.
func (tx *Tx) DeviceSeen(ctx context.Context, appID, userID, id string, now time.Time) error {
	err := tx.later(ctx, qDeviceSeen, appID, userID, id, ms(now))
	return wrap("update device", err)
}

// Devices returns a user's devices, oldest first.
func (tx *Tx) Devices(ctx context.Context, appID, userID string) ([]latchkey.Device, error) {
	return tx.devices(ctx, qDevicesOfUser, appID, userID)
}

// DevicesAlone returns those of a user's devices that no other user is bound to
// who is not banned.
func (tx *Tx) DevicesAlone(ctx context.Context, appID, userID string) ([]latchkey.Device, error) {
	return tx.devices(ctx, qDevicesAlone, appID, userID)
}

func (tx *Tx) devices(ctx context.Context, query, appID, userID string) ([]latchkey.Device, error) {
	return collect(tx, ctx, "list devices", query, []any{appID, userID}, tx.scanDevice)
}

// DevicesOf returns the devices of each of certain users, oldest first, in one
// statement for all of a page.
func (tx *Tx) DevicesOf(ctx context.Context, appID string, userIDs []string) (map[string][]latchkey.Device, error) {
	list, err := ofUsers(tx, ctx, "list devices", deviceSelect, "d", appID, userIDs, tx.scanDevice)
	sortByID(list, func(d *latchkey.Device) string { return d.ID }, true)
	return grouped(list, func(d *latchkey.Device) string { return d.UserID }), err
}

func (tx *Tx) scanDevice(row scanner) (d latchkey.Device, err error) {
	var sealed []byte
	var bound, seen int64
	if err := row.Scan(&d.ID, &d.AppID, &d.UserID, &sealed, &bound, &seen); err != nil {
		return d, err
	}
	hwid, err := tx.box().Open(devicePlace(d.ID), sealed)
	if err != nil {
		return d, fmt.Errorf("open hardware id of device %s: %w", d.ID, err)
	}
	d.HWID, d.BoundAt, d.LastSeenAt = latchkey.Secret(hwid), fromMs(bound), fromMs(seen)
	return d, nil
}

// DeleteDevice unbinds one device of a user; device.not_found.
func (tx *Tx) DeleteDevice(ctx context.Context, appID, userID, id string) error {
	tx.mark(appID, TopicUsers)
	n, err := tx.exec(ctx, qDeviceDelete, appID, userID, id)
	if err == nil && n == 0 {
		return latchkey.Fail(latchkey.CodeDeviceNotFound)
	}
	return wrap("delete device", err)
}

// DeleteDevices unbinds every device of a user and returns how many.
func (tx *Tx) DeleteDevices(ctx context.Context, appID, userID string) (int64, error) {
	n, err := tx.exec(ctx, qDevicesDelete, appID, userID)
	if n > 0 {
		tx.mark(appID, TopicUsers)
	}
	return n, wrap("delete devices", err)
}
