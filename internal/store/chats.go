package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/secretbox"
)

const (
	channelSelect = `SELECT id, app_id, name, delay, history, min_level, created_at, updated_at FROM chat_channels `
	// The author is whoever the user is now.
	chatMessageSelect = `SELECT m.id, m.app_id, m.channel_id, COALESCE(m.user_id, ''), m.author, m.text_sealed, m.sent_at,
		COALESCE(u.name, ''), u.name_sealed, COALESCE(u.license_named, 0)
		FROM chat_messages m LEFT JOIN users u ON u.app_id = m.app_id AND u.id = m.user_id`
)

const (
	qChannelInsert = `INSERT INTO chat_channels (id, app_id, name, delay, history, min_level, created_at, updated_at, folded_name)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`
	qChannelByID   = channelSelect + `WHERE app_id = $1 AND id = $2`
	qChannelByName = channelSelect + `WHERE app_id = $1 AND name = $2`
	qChannelUpdate = `UPDATE chat_channels SET name = $3, delay = $4, history = $5, min_level = $6, updated_at = $7, folded_name = $8 WHERE app_id = $1 AND id = $2`
	qChannelLock   = `UPDATE chat_channels SET updated_at = updated_at WHERE app_id = $1 AND id = $2`
	qChannelDelete = `DELETE FROM chat_channels WHERE app_id = $1 AND id = $2`

	qChatMessageInsert = `INSERT INTO chat_messages (id, app_id, channel_id, user_id, author, text_sealed, sent_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`
	qChatMessageDelete = `DELETE FROM chat_messages WHERE app_id = $1 AND channel_id = $2 AND id = $3`
	qChatMessageCount  = `SELECT COUNT(*) FROM chat_messages WHERE app_id = $1 AND channel_id = $2`
	qChatMessageLast   = `SELECT sent_at FROM chat_messages WHERE app_id = $1 AND channel_id = $2 ORDER BY id DESC LIMIT 1`
	qChatMessagesClear = `DELETE FROM chat_messages WHERE app_id = $1 AND channel_id = $2`
	qChatMessagesBound = `SELECT id FROM chat_messages WHERE app_id = $1 AND channel_id = $2 ORDER BY id DESC LIMIT 1 OFFSET $3`
	qChatMessagesTrim  = `DELETE FROM chat_messages WHERE app_id = $1 AND channel_id = $2 AND id <= $3`

	// The guard that of several messages at once lets one through. A moment
	// that lies further ahead than any pause comes from a clock that was wrong.
	qChatTurnTake = `INSERT INTO chat_turns (app_id, channel_id, user_id, sent_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (app_id, user_id, channel_id) DO UPDATE SET sent_at = excluded.sent_at
		WHERE chat_turns.sent_at <= $5 OR chat_turns.sent_at > $6`
	qChatTurn       = `SELECT sent_at FROM chat_turns WHERE app_id = $1 AND channel_id = $2 AND user_id = $3`
	qChatTurnsBound = `SELECT t.sent_at FROM chat_turns t WHERE t.sent_at <= $1 ORDER BY t.sent_at LIMIT 1 OFFSET $2`
	qChatTurnsSweep = `DELETE FROM chat_turns WHERE sent_at <= $1`
)

func scanChannel(row scanner) (c latchkey.Channel, err error) {
	var created, updated int64
	if err := row.Scan(&c.ID, &c.AppID, &c.Name, &c.Delay, &c.History, &c.MinLevel, &created, &updated); err != nil {
		return c, err
	}
	c.CreatedAt, c.UpdatedAt = fromMs(created), fromMs(updated)
	return c, nil
}

// InsertChannel stores a new channel; chat.exists.
func (tx *Tx) InsertChannel(ctx context.Context, c *latchkey.Channel) error {
	tx.mark(c.AppID, TopicChats)
	_, err := tx.exec(ctx, qChannelInsert, c.ID, c.AppID, c.Name, c.Delay, c.History, c.MinLevel, ms(c.CreatedAt), ms(c.UpdatedAt), foldNote(c.Name))
	if isUnique(err) {
		return latchkey.Fail(latchkey.CodeChatExists)
	}
	return wrap("insert channel", err)
}

// Channel returns a channel by id; chat.not_found.
func (tx *Tx) Channel(ctx context.Context, appID, id string) (latchkey.Channel, error) {
	return oneChannel(tx.queryRow(ctx, qChannelByID, appID, id))
}

// ChannelByName returns a channel by its exact name; chat.not_found.
func (tx *Tx) ChannelByName(ctx context.Context, appID, name string) (latchkey.Channel, error) {
	return oneChannel(tx.queryRow(ctx, qChannelByName, appID, name))
}

func oneChannel(row *sql.Row) (latchkey.Channel, error) {
	c, err := scanChannel(row)
	if isNoRows(err) {
		return c, latchkey.Fail(latchkey.CodeChatNotFound)
	}
	return c, wrap("read channel", err)
}

// LockChannel keeps other transactions from changing the channel, and from
// speaking in it, until this one ends, and returns it as it then is.
func (tx *Tx) LockChannel(ctx context.Context, appID, id string) (latchkey.Channel, error) {
	if _, err := tx.exec(ctx, qChannelLock, appID, id); err != nil {
		return latchkey.Channel{}, wrap("lock channel", err)
	}
	return tx.Channel(ctx, appID, id)
}

// Channels returns one page.
func (tx *Tx) Channels(ctx context.Context, appID string, q NamedQuery) ([]latchkey.Channel, error) {
	text, args := q.page(appID, channelSelect, "folded_name")
	return collect(tx, ctx, "list channels", text, args, scanChannel)
}

// UpdateChannel stores a changed channel; chat.exists.
func (tx *Tx) UpdateChannel(ctx context.Context, c *latchkey.Channel) error {
	tx.mark(c.AppID, TopicChats)
	_, err := tx.exec(ctx, qChannelUpdate, c.AppID, c.ID, c.Name, c.Delay, c.History, c.MinLevel, ms(c.UpdatedAt), foldNote(c.Name))
	if isUnique(err) {
		return latchkey.Fail(latchkey.CodeChatExists)
	}
	return wrap("update channel", err)
}

// DeleteChannel deletes a channel with everything said in it.
func (tx *Tx) DeleteChannel(ctx context.Context, appID, id string) error {
	tx.mark(appID, TopicChats)
	_, err := tx.exec(ctx, qChannelDelete, appID, id)
	return wrap("delete channel", err)
}

func chatMessagePlace(id string) secretbox.Place {
	return secretbox.Place{Table: "chat_messages", Row: id, Column: "text"}
}

// InsertChatMessage stores a message. Its channel must be locked and its user,
// if it has one, exist.
func (tx *Tx) InsertChatMessage(ctx context.Context, m *latchkey.ChatMessage) error {
	tx.mark(m.AppID, TopicChats)
	sealed, err := tx.box().Seal(chatMessagePlace(m.ID), []byte(m.Text))
	if err != nil {
		return fmt.Errorf("seal message: %w", err)
	}
	var user any
	author := m.Author
	if m.UserID != "" {
		user, author = m.UserID, ""
	}
	_, err = tx.exec(ctx, qChatMessageInsert, m.ID, m.AppID, m.ChannelID, user, author, sealed, ms(m.SentAt))
	return wrap("insert message", err)
}

func (tx *Tx) scanChatMessage(row scanner) (m latchkey.ChatMessage, err error) {
	var text, nameSealed []byte
	var sent int64
	var name string
	if err := row.Scan(&m.ID, &m.AppID, &m.ChannelID, &m.UserID, &m.Author, &text, &sent, &name, &nameSealed, &m.LicenseNamed); err != nil {
		return m, err
	}
	if text, err = tx.box().Open(chatMessagePlace(m.ID), text); err != nil {
		return m, fmt.Errorf("open message %s: %w", m.ID, err)
	}
	if nameSealed != nil {
		opened, err := tx.box().Open(userPlace(m.UserID, "name"), nameSealed)
		if err != nil {
			return m, fmt.Errorf("open name of user %s: %w", m.UserID, err)
		}
		name = string(opened)
	}
	if m.UserID != "" {
		m.Author = name
	}
	m.Text, m.SentAt = string(text), fromMs(sent)
	return m, nil
}

// ChatMessages returns one page of a channel's messages.
func (tx *Tx) ChatMessages(ctx context.Context, appID, channelID string, k Keyset) ([]latchkey.ChatMessage, error) {
	text, args := newWhere("m.app_id = ? AND m.channel_id = ?", appID, channelID).page(chatMessageSelect, "m.id", k)
	return collect(tx, ctx, "list messages", text, args, tx.scanChatMessage)
}

// ChatMessageCount is how many messages a channel keeps.
func (tx *Tx) ChatMessageCount(ctx context.Context, appID, channelID string) (n int64, err error) {
	err = tx.queryRow(ctx, qChatMessageCount, appID, channelID).Scan(&n)
	return n, wrap("count messages", err)
}

// ChatMessageCounts is [Tx.ChatMessageCount] of several channels in one statement;
// a channel without messages is not in it.
func (tx *Tx) ChatMessageCounts(ctx context.Context, appID string, channelIDs []string) (map[string]int64, error) {
	counts := make(map[string]int64, len(channelIDs))
	if len(channelIDs) == 0 {
		return counts, nil
	}
	w := newWhere("m.app_id = ?", appID)
	w.addIn("m.channel_id", channelIDs)
	_, err := collect(tx, ctx, "count messages", `SELECT m.channel_id, COUNT(*) FROM chat_messages m WHERE `+w.text.String()+` GROUP BY m.channel_id`,
		tx.db.engine.planned(w.args), func(row scanner) (struct{}, error) {
			var id string
			var n int64
			err := row.Scan(&id, &n)
			counts[id] = n
			return struct{}{}, err
		})
	return counts, err
}

// LastChatMessage is when the newest message of a channel was sent; zero if
// there is none.
func (tx *Tx) LastChatMessage(ctx context.Context, appID, channelID string) (time.Time, error) {
	var sent sql.NullInt64
	if err := tx.queryRow(ctx, qChatMessageLast, appID, channelID).Scan(&sent); err != nil && !isNoRows(err) {
		return time.Time{}, wrap("read newest message", err)
	}
	return fromNullMs(sent), nil
}

// DeleteChatMessage deletes one message; chat.message_not_found.
func (tx *Tx) DeleteChatMessage(ctx context.Context, appID, channelID, id string) error {
	tx.mark(appID, TopicChats)
	n, err := tx.exec(ctx, qChatMessageDelete, appID, channelID, id)
	if err == nil && n == 0 {
		return latchkey.Fail(latchkey.CodeChatMessageNotFound)
	}
	return wrap("delete message", err)
}

// ClearChannel deletes everything said in a channel and says how much that was.
func (tx *Tx) ClearChannel(ctx context.Context, appID, channelID string) (int64, error) {
	tx.mark(appID, TopicChats)
	n, err := tx.exec(ctx, qChatMessagesClear, appID, channelID)
	return n, wrap("clear channel", err)
}

// TrimChannel deletes all but the newest messages of a channel, which must be
// locked.
func (tx *Tx) TrimChannel(ctx context.Context, appID, channelID string, keep int64) error {
	var last string
	err := tx.queryRow(ctx, qChatMessagesBound, appID, channelID, keep).Scan(&last)
	if isNoRows(err) {
		return nil
	}
	if err == nil {
		_, err = tx.exec(ctx, qChatMessagesTrim, appID, channelID, last)
	}
	return wrap("trim channel", err)
}

// TakeChatTurn lets a user speak in a channel at now if its pause has passed
// since they last did. Of several at once one is let; the others are told how
// long to wait.
func (tx *Tx) TakeChatTurn(ctx context.Context, c *latchkey.Channel, userID string, now time.Time) (taken bool, wait time.Duration, err error) {
	pause := c.Pause()
	n, err := tx.exec(ctx, qChatTurnTake, c.AppID, c.ID, userID, ms(now), ms(now.Add(-pause)), ms(now.Add(pause)))
	if err != nil || n == 1 {
		return n == 1, 0, wrap("take turn", err)
	}
	var last int64
	err = tx.queryRow(ctx, qChatTurn, c.AppID, c.ID, userID).Scan(&last)
	return false, fromMs(last).Add(pause).Sub(now), wrap("read turn", err)
}

// SweepChatTurns forgets about limit turns that were taken before a moment.
func (tx *Tx) SweepChatTurns(ctx context.Context, before time.Time, limit int) (int64, error) {
	n, err := tx.sweep(ctx, qChatTurnsBound, qChatTurnsSweep, before, limit)
	return n, wrap("sweep turns", err)
}
