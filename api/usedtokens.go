package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"deltatrace/traceability"
)

// How many used tokens are remembered at the same time, of all parties and of one.
// Who acts for the public, or looks up shops by the thousand, may use more.
const (
	maxTokens          = 400_000
	maxTokensEach      = 5_000
	maxTokensEachTrust = 50_000
)

// usedTokens remembers which tokens were used until they expire, so that each is good
// once on this server. They lie in one drawer for each minute in which they expire; a
// drawer is thrown away whole. With a folder each drawer is a file in it too, so that
// a token that was used is not good again after a restart.
type usedTokens struct {
	folder string // empty: in memory alone

	mu      sync.Mutex
	total   map[rank]int
	of      map[traceability.PartyID]int
	drawers map[int64]*drawer // by the minute since 1970 that is the last in it
}

type drawer struct {
	used map[string]bool // party and jti
	of   map[traceability.PartyID]int
	file *os.File
}

// openUsedTokens reads what is in the folder, which it makes if need be.
func openUsedTokens(folder string, now time.Time) (*usedTokens, error) {
	u := &usedTokens{folder: folder, total: make(map[rank]int), of: make(map[traceability.PartyID]int), drawers: make(map[int64]*drawer)}
	if folder == "" {
		return u, nil
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("used tokens: %w", err)
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, fmt.Errorf("used tokens: %w", err)
	}
	for _, entry := range entries {
		minute, err := strconv.ParseInt(entry.Name(), 10, 64)
		if err != nil {
			continue // not ours
		}
		if err := u.read(minute); err != nil {
			return nil, fmt.Errorf("used tokens: %w", errors.Join(err, u.close()))
		}
	}
	u.forget(now)
	return u, nil
}

// read reads a drawer. What a crash has cut off was not answered, and is made a line
// of its own.
func (u *usedTokens) read(minute int64) error {
	d, err := u.open(minute)
	if err != nil {
		return err
	}
	lines := bufio.NewScanner(d.file)
	for lines.Scan() {
		if party, _, ok := strings.Cut(lines.Text(), " "); ok {
			u.note(d, traceability.PartyID(party), lines.Text())
		}
	}
	if err := lines.Err(); err != nil {
		return err
	}
	_, err = d.file.WriteString("\n")
	return err
}

// open returns a minute's drawer, making it if need be.
func (u *usedTokens) open(minute int64) (*drawer, error) {
	if d := u.drawers[minute]; d != nil {
		return d, nil
	}
	d := &drawer{used: make(map[string]bool), of: make(map[traceability.PartyID]int)}
	if u.folder != "" {
		var err error
		if d.file, err = os.OpenFile(u.path(minute), os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600); err != nil {
			return nil, err
		}
	}
	u.drawers[minute] = d
	return d, nil
}

func (u *usedTokens) path(minute int64) string {
	return filepath.Join(u.folder, strconv.FormatInt(minute, 10))
}

// note puts a token into a drawer.
func (u *usedTokens) note(d *drawer, party traceability.PartyID, token string) {
	if d.used[token] {
		return
	}
	d.used[token] = true
	d.of[party]++
	u.of[party]++
	u.total[rankOf(party)]++
}

// use marks a token as used until it expires. Errors: *Error unauthorized when it was
// used before, *refusal rate_limited when the party has used too many, ErrBusy when
// all have, or the file's.
func (u *usedTokens) use(party traceability.PartyID, id string, expires, now time.Time) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.forget(now)
	token := string(party) + " " + strconv.Quote(id) // so that it is one line
	for _, d := range u.drawers {
		if d.used[token] {
			return traceability.NewError(traceability.CodeUnauthorized, "jti", "令牌已使用过", "the token has been used before; make a new one for each request")
		}
	}
	if err := u.room(party); err != nil {
		return err
	}
	d, err := u.open(minuteOf(expires))
	if err != nil {
		return fmt.Errorf("used tokens: %w", err)
	}
	if d.file != nil {
		if _, err := d.file.WriteString(token + "\n"); err != nil {
			return fmt.Errorf("used tokens: %w", err)
		}
	}
	u.note(d, party, token)
	return nil
}

// room refuses a party that has used too many tokens, and a rank whose share is used
// up; see places.
func (u *usedTokens) room(party traceability.PartyID) error {
	each, of := maxTokensEach, rankOf(party)
	if of >= rankPlatform {
		each = maxTokensEachTrust
	}
	if u.of[party] >= each {
		return &refusal{err: says(traceability.CodeRateLimited, nil), wait: traceability.MaxTokenLife / 5}
	}
	sum := 0
	for r := range ranks {
		if sum += u.total[r]; r >= of && sum >= maxTokens*int(shares[r])/int(shares[ranks-1]) {
			return traceability.ErrBusy
		}
	}
	return nil
}

// minuteOf is the minute that a token is forgotten after.
func minuteOf(expires time.Time) int64 { return expires.Unix() / 60 }

// forget throws away the drawers of tokens that have all expired.
func (u *usedTokens) forget(now time.Time) {
	for minute, d := range u.drawers {
		if minute >= minuteOf(now) {
			continue
		}
		for party, n := range d.of {
			u.total[rankOf(party)] -= n
			if u.of[party] -= n; u.of[party] == 0 {
				delete(u.of, party)
			}
		}
		delete(u.drawers, minute)
		if d.file != nil {
			// What stays behind is thrown away at the next start.
			_ = d.file.Close()
			_ = os.Remove(u.path(minute))
		}
	}
}

// close closes the files.
func (u *usedTokens) close() error {
	u.mu.Lock()
	defer u.mu.Unlock()
	var errs []error
	for minute, d := range u.drawers {
		if d.file != nil {
			errs = append(errs, d.file.Close())
		}
		delete(u.drawers, minute)
	}
	return errors.Join(errs...)
}
