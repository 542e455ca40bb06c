package service

import (
	"cmp"
	"context"
	"net/netip"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

// door is what an app asks of whoever calls: its lists, and what its settings
// say of VPNs and countries. A nil door asks nothing; most apps have none, and
// pay nothing for it.
type door struct {
	s   *Service
	app *latchkey.App
	in  *appAccess // nil: the lists are empty
	now time.Time
}

// door returns the app's lists as they are known to be at least as of when the
// app was read. Error: server.unavailable if they cannot be read.
func (s *Service) door(ctx context.Context, app *latchkey.App, now time.Time) (d *door, err error) {
	if app.AccessRevision == 0 && !app.Settings.JudgesOrigin() {
		return nil, nil
	}
	d = &door{s: s, app: app, now: now}
	if app.AccessRevision > 0 {
		d.in, err = s.access.of(ctx, s.db, app, now)
	}
	return d, err
}

// rules calls judge with the lists, which nobody changes meanwhile.
func (d *door) rules(judge func(r *latchkey.AccessRules) error) error {
	if d.in == nil {
		return judge(nil)
	}
	d.in.mu.RLock()
	defer d.in.mu.RUnlock()
	return judge(&d.in.rules)
}

// address judges an address as it stands in an [Origin] or a session. Errors:
// client.blacklisted, client.vpn_blocked, client.region_blocked.
func (d *door) address(ctx context.Context, ip string) error {
	if d == nil {
		return nil
	}
	a, place := d.locate(ctx, ip)
	return d.rules(func(r *latchkey.AccessRules) error {
		if err := r.CheckAddress(a, place, d.now); err != nil {
			return err
		}
		return r.CheckOrigin(&d.app.Settings, a, place, d.now)
	})
}

// listed judges an address by the lists alone; client.blacklisted.
func (d *door) listed(ctx context.Context, ip string) error {
	if d == nil {
		return nil
	}
	a, place := d.locate(ctx, ip)
	return d.rules(func(r *latchkey.AccessRules) error { return r.CheckAddress(a, place, d.now) })
}

// hwid judges the key of a hardware id; client.blacklisted.
func (d *door) hwid(key latchkey.HWIDKey) error {
	if d == nil || key == (latchkey.HWIDKey{}) {
		return nil
	}
	return d.rules(func(r *latchkey.AccessRules) error { return r.CheckHWID(key, d.now) })
}

// locate reads an address, and returns what tells where it is.
func (d *door) locate(ctx context.Context, ip string) (netip.Addr, func() latchkey.Place) {
	a, err := netip.ParseAddr(ip)
	if err == nil {
		a = a.Unmap().WithZone("")
	}
	var at *latchkey.Place // looked up once
	return a, func() latchkey.Place {
		if at == nil {
			at = new(d.s.place(ctx, a))
		}
		return *at
	}
}

// place is what the operator's files know of an address. A damaged one knows
// nothing, and is complained about once.
func (s *Service) place(ctx context.Context, a netip.Addr) latchkey.Place {
	p, err := s.geo.Lookup(a)
	if err != nil && !s.geoDamaged.Swap(true) {
		s.log.WarnContext(ctx, "geolocation file is damaged", "error", err)
	}
	return latchkey.Place{Country: p.Country, ASN: p.ASN, Anonymous: p.Anonymous, Hosting: p.Hosting}
}

// countryOf is the country that a sign-in is counted for: of an app that keeps
// addresses, by the operator's files. Where these tell no countries nothing is
// looked up. It is asked before the transaction, which others wait for.
func (s *Service) countryOf(ctx context.Context, app *latchkey.App) string {
	if s.geo == nil || !app.Settings.IPLogging || !s.geo.Knows().Countries {
		return ""
	}
	a, err := netip.ParseAddr(OriginFrom(ctx).IP)
	if err != nil {
		return latchkey.CountryUnknown
	}
	return cmp.Or(s.place(ctx, a).Country, latchkey.CountryUnknown)
}

// letIn judges where a call comes from. Errors: client.blacklisted,
// client.vpn_blocked, client.region_blocked.
func (s *Service) letIn(ctx context.Context, app *latchkey.App, now time.Time) error {
	d, err := s.door(ctx, app, now)
	if err != nil {
		return err
	}
	return d.address(ctx, OriginFrom(ctx).IP)
}

// hwidKey is the key of a hardware id as it is sent; request.invalid.
func (s *Service) hwidKey(app *latchkey.App, text string) (latchkey.HWIDKey, error) {
	hwid, err := latchkey.NormalizeHWID(text)
	if err != nil {
		return latchkey.HWIDKey{}, err
	}
	return s.db.HWIDKey(app.ID, hwid), nil
}

// stay judges who goes on with a session: who has signed in with a device or
// from an address that has been blacklisted since is out at the next call.
func (d *door) stay(ctx context.Context, session *latchkey.Session) error {
	if d == nil {
		return nil
	}
	if err := d.hwid(session.HWID); err != nil {
		return err
	}
	return d.listed(ctx, session.IP)
}

// ClientBlacklisted reports whether the caller's address, a hardware id ("":
// none is asked about) or what the session signed in with is on the blacklist.
// Errors: app.disabled, app.paused, request.invalid.
func (s *Service) ClientBlacklisted(ctx context.Context, app *ClientApp, ses *ClientSession, hwid string) (bool, error) {
	if err := openForCall(&app.App, ses); err != nil {
		return false, err
	}
	now := s.now()
	key, err := s.hwidKey(&app.App, hwid)
	if err != nil {
		return false, err
	}
	d, err := s.door(ctx, &app.App, now)
	if err != nil || d == nil {
		return false, err
	}
	if err := d.listed(ctx, OriginFrom(ctx).IP); err != nil {
		return isListed(err)
	}
	if err := d.hwid(key); err != nil {
		return isListed(err)
	}
	state, err := s.sessionState(ctx, &app.App, ses, now)
	switch latchkey.CodeOf(err) {
	case "":
		return isListed(d.stay(ctx, &state.Session))
	case latchkey.CodeSessionNotSignedIn, latchkey.CodeSessionNotFound:
		return false, nil
	}
	return false, err
}

// isListed reads the answer of a door.
func isListed(err error) (bool, error) {
	if latchkey.CodeOf(err) == latchkey.CodeClientBlacklisted {
		return true, nil
	}
	return false, err
}
