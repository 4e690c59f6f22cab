package hosts

// The services that are spoken to over HTTP, each by an interface of its own: what a
// request is, and what an answer other than success means.

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"strconv"
	"time"

	"minxi/generator/internal/publish"
)

// A service answers requests that bear who we are.
type service struct {
	client    *http.Client
	authorize func(*http.Request) error
	missing   error // that what we publish to is not there

	// says gives what an answer other than success says: the service's own word for
	// it, and a text that holds no secret. Either may be "".
	says func(*http.Response) (code, text string)
}

func (s *service) Close() error {
	s.client.CloseIdleConnections()
	return nil
}

// mostWaits is how often in a row we wait as a service tells us to, and longestWait for
// how long.
const (
	mostWaits   = 5
	longestWait = 2 * time.Minute
)

// ask does a request, and gives the answer if it is a success; the caller closes its
// body. Where the service says for how long it takes no more requests, that is waited for.
func (s *service) ask(ctx context.Context, c call) (*http.Response, error) {
	c.authorize = s.authorize
	for waits := 0; ; waits++ {
		res, err := once(ctx, s.client, c)
		if err != nil || res.StatusCode/100 == 2 {
			return res, err
		}
		code, text := s.says(res)
		res.Body.Close()
		wait, told := retryAfter(res.Header, time.Now())
		if res.StatusCode != http.StatusTooManyRequests || !told || waits == mostWaits {
			return nil, s.refused(ctx, c, res.StatusCode, code, text)
		}
		if err := pause(ctx, wait); err != nil {
			return nil, err
		}
	}
}

// do does a request of whose answer nothing is wanted.
func (s *service) do(ctx context.Context, c call) error {
	res, err := s.ask(ctx, c)
	if err != nil {
		return err
	}
	return res.Body.Close()
}

// json does a request whose answer is JSON; value is sent with it, if it is not nil.
func (s *service) json(ctx context.Context, c call, value, answer any) error {
	if value != nil {
		data, err := json.Marshal(value)
		if err != nil {
			return publish.Final(err)
		}
		c.header = map[string]string{"Content-Type": "application/json"}
		c.size, c.open = int64(len(data)), func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }
	}
	res, err := s.ask(ctx, c)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if err := json.NewDecoder(res.Body).Decode(answer); err != nil {
		return networkError(ctx, c.op+" "+c.on, err)
	}
	return nil
}

// retryAfter is how long an answer asks us to wait, if it does: Retry-After, or
// X-RateLimit-Reset in seconds since 1970.
func retryAfter(header http.Header, now time.Time) (wait time.Duration, told bool) {
	after := header.Get("Retry-After")
	if n, err := strconv.Atoi(after); err == nil {
		wait = time.Duration(n) * time.Second
	} else if at, err := http.ParseTime(after); err == nil {
		wait = at.Sub(now)
	} else if n, err := strconv.ParseInt(header.Get("X-RateLimit-Reset"), 10, 64); err == nil {
		wait = time.Unix(n, 0).Sub(now)
	} else {
		return 0, false
	}
	return min(max(wait, 0), longestWait), true
}

// pause waits, or until the context ends.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// refusals are services' words for what their status does not tell. Those with again
// look like the caller's fault and may be different the next time, and those with none
// are of a name that holds nothing. Sources: the lists of error codes in the references of
// S3, Blob Storage and Cloud Storage (JSON).
var refusals = map[string]struct {
	why         publish.Reason
	again, none bool
	hint        string
}{
	"AccessDenied":              {hint: noRight},
	"Forbidden":                 {hint: noRight},
	"InvalidAccessKeyId":        {why: publish.BadLogin, hint: "the store does not know access_key"},
	"SignatureDoesNotMatch":     {why: publish.BadLogin, hint: "secret_key does not belong to access_key, or the region is wrong"},
	"ExpiredToken":              {why: publish.BadLogin},
	"InvalidToken":              {why: publish.BadLogin},
	"NoSuchBucket":              {why: publish.NoPlace},
	"ContainerNotFound":         {why: publish.NoPlace},
	"NoSuchKey":                 {none: true},
	"BlobNotFound":              {none: true},
	notFound:                    {none: true},
	"EntityTooLarge":            {why: publish.TooLarge},
	"SlowDown":                  {why: publish.TooOften},
	"rateLimitExceeded":         {why: publish.TooOften, again: true},
	"userRateLimitExceeded":     {why: publish.TooOften, again: true},
	"RequestTimeout":            {why: publish.Silent, again: true},
	"RequestTimeTooSkewed":      {again: true},
	"BadDigest":                 {again: true, hint: otherBytes},
	"Md5Mismatch":               {again: true, hint: otherBytes},
	"XAmzContentSHA256Mismatch": {again: true, hint: otherBytes},
	"IncompleteBody":            {again: true, hint: otherBytes},
}

const (
	notFound   = "notFound" // also of services that have no word for it
	noRight    = "the key lacks this right, or the right to list the bucket, without which the store does not tell that a name is not there"
	otherBytes = "what arrived is not what was sent"
)

// refused is the error of a request that was answered with something else than success.
func (s *service) refused(ctx context.Context, c call, status int, code, text string) error {
	what, known := c.op+" "+c.on, refusals[code]
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case known.why == publish.NoPlace:
		return s.missing
	case status == http.StatusNotFound && (known.none || c.method == http.MethodHead):
		return fmt.Errorf("%s: %w", what, fs.ErrNotExist)
	case code != "" && text != "":
		text = ": " + text
	}
	if code = oneLineOf(code) + text; known.hint != "" {
		code += " (" + known.hint + ")"
	}
	return publish.Because(known.why, statusError(what, status, code, known.again))
}

// passing are the answers below 500 that may be another the next time.
var passing = map[int]bool{
	http.StatusRequestTimeout:     true,
	http.StatusConflict:           true,
	http.StatusPreconditionFailed: true,
	http.StatusLocked:             true,
	http.StatusTooEarly:           true,
	http.StatusTooManyRequests:    true,
}

// statusError is the error of a request that was answered with a status other than
// success. said is the service's own word for it, if it gave one.
func statusError(what string, status int, said string, again bool) error {
	said = cmp.Or(said, http.StatusText(status))
	err := publish.Because(publish.StatusReason(status), fmt.Errorf("%s: the service answers %d %s", what, status, said))
	if again || passing[status] || status/100 == 2 {
		return err
	}
	if status < 500 || status == http.StatusNotImplemented || status == http.StatusInsufficientStorage {
		return publish.Final(err)
	}
	return err
}
