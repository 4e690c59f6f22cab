package hosts

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/xml"
	"errors"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/aws/smithy-go/encoding/httpbinding"

	"minxi/generator/internal/publish"
)

// A bucket is a folder in a bucket of an object store: S3, Azure Blob Storage, Google
// Cloud Storage. Each replaces an object in one step, with its headers, once all of it
// has arrived and has the checksum that was sent along. Nothing is left behind of one
// that was cut off. Here is what the three have in common.
type bucket struct {
	service
	traits  publish.Traits
	name    string
	address string
	prefix  string // "" or ending in a slash
	most    int    // names in one answer to a list; 0 leaves it to the service
}

// objectHeaders are the headers that the services have a place for. Their web servers
// send no others.
var objectHeaders = []string{"Content-Type", "Cache-Control", "Content-Encoding", "Content-Language", "Content-Disposition"}

// mostKey is how many bytes the name of an object may have, its prefix included: S3
// and Google count bytes, Azure characters.
const mostKey = 1024

// bucketOf makes what a kind completes. The options are those of all three.
func bucketOf(o Values, name, address string) bucket {
	b := bucket{service: service{client: newClient(o.Network)}, name: name, address: address, most: o.Network.Page}
	b.missing = publish.Final(publish.Because(publish.NoPlace, tell("没有存储桶 %s", "there is no bucket %s", name)))
	if b.prefix = o.text("prefix"); b.prefix != "" {
		b.prefix += "/"
	}
	b.traits = publish.Traits{Headers: true, Keeps: objectHeaders, Encodings: []string{"br", "gzip"}, PathMax: mostKey - len(b.prefix)}
	return b
}

func (b *bucket) Traits() publish.Traits { return b.traits }

// list gathers the pages of a list, each of which says from where the next goes on.
func (b *bucket) list(dir string, page func(folder, from string) (keys []string, next string, err error)) ([]string, error) {
	folder := b.prefix
	if dir != "." {
		folder += dir + "/"
	}
	var names []string
	for from := ""; ; {
		keys, next, err := page(folder, from)
		if err != nil {
			return nil, err
		}
		for _, key := range keys {
			// Consoles and tools make empty objects "folder/" to show folders.
			if name, ok := strings.CutPrefix(key, b.prefix); ok && fs.ValidPath(name) {
				names = append(names, name)
			}
		}
		if next == "" {
			return names, nil
		}
		if next == from {
			return nil, publish.Final(tell("列出 %s：对象存储停在 %q 不再继续", "LIST %s: the store does not go on after %q", dir, next))
		}
		from = next
	}
}

// bodyMD5 reads a body once, to the end, and gives its MD5, which the services
// compare with what arrives before they let it replace anything. As the same bytes
// are found to have f.SHA256, what the service checked was that, too.
func bodyMD5(ctx context.Context, f publish.File, body publish.Body) ([]byte, error) {
	sum := md5.New()
	err := copyBody(ctx, sum, f, body)
	return sum.Sum(nil), err
}

// An xmlStore is a bucket of S3 or Azure: what is kept of an object is headers of its
// requests, and lists are XML.
type xmlStore struct {
	bucket
	put, look, remove map[string]string // headers that such requests have
	keep              string            // begins the request header that has a header of readers be kept
	pages             url.Values        // that ask for a list
	mostName          string            // what the service calls the number of names in an answer

	// checks gives the headers by which the service checks the bytes, and source those
	// of a copy; its error is errors.ErrUnsupported if it may be of other bytes.
	checks func(ctx context.Context, f publish.File, body publish.Body) (map[string]string, error)
	source func(ctx context.Context, from string, to publish.File) (map[string]string, error)

	// sum gives the SHA-256 that the service vouches for, "" if it does for none.
	sum func(http.Header) string

	cannotCopy atomic.Bool
}

func (s *xmlStore) at(name string) string {
	return s.address + "/" + httpbinding.EscapePath(s.prefix+name, false)
}

func (s *xmlStore) Stat(ctx context.Context, name string) (publish.Stat, error) {
	st, _, err := s.head(ctx, name)
	return st, err
}

// head asks what is known of an object.
func (s *xmlStore) head(ctx context.Context, name string) (publish.Stat, http.Header, error) {
	res, err := s.ask(ctx, call{op: "HEAD", on: name, method: http.MethodHead, url: s.at(name), header: s.look})
	if err != nil {
		return publish.Stat{}, nil, err
	}
	res.Body.Close()
	st := publish.Stat{Size: res.ContentLength, SHA256: s.sum(res.Header), Header: publish.Header{}}
	for _, name := range objectHeaders {
		if v := res.Header.Get(name); v != "" {
			st.Header[name] = v
		}
	}
	return st, res.Header, nil
}

func (s *xmlStore) Get(ctx context.Context, name string) (io.ReadCloser, error) {
	res, err := s.ask(ctx, call{op: "GET", on: name, method: http.MethodGet, url: s.at(name)})
	if err != nil {
		return nil, err
	}
	return res.Body, nil
}

// header is that of a request which makes an object.
func (s *xmlStore) header(f publish.File, more map[string]string) map[string]string {
	maps.Copy(more, s.put)
	for _, name := range objectHeaders {
		more[s.keep+name] = f.Header[name]
	}
	return more
}

func (s *xmlStore) Put(ctx context.Context, f publish.File, body publish.Body) error {
	checks, err := s.checks(ctx, f, body)
	if err != nil {
		return err
	}
	return s.do(ctx, call{op: "PUT", on: f.Path, method: http.MethodPut, url: s.at(f.Path), header: s.header(f, checks),
		size: f.Size, open: func() (io.ReadCloser, error) { return openFile(ctx, f, body) }})
}

// Copy has the service write the object anew from another, with the headers of to. A
// service that lacks the operation, which some say by an error without a word, or may not
// read the source is asked once: reading and putting says which it is.
func (s *xmlStore) Copy(ctx context.Context, from string, to publish.File) error {
	if s.cannotCopy.Load() {
		return errors.ErrUnsupported
	}
	source, err := s.source(ctx, from, to)
	if err != nil {
		return err
	}
	c := call{op: "COPY", on: to.Path, method: http.MethodPut, url: s.at(to.Path), header: s.header(to, source), authorize: s.authorize}
	res, err := once(ctx, s.client, c)
	if err != nil {
		return err
	}
	data, err := io.ReadAll(res.Body)
	res.Body.Close()
	if err != nil {
		return networkError(ctx, c.op+" "+c.on, err)
	}
	// S3 begins its answer before it knows how the copy ends.
	if res.StatusCode/100 == 2 && !bytes.Contains(data, []byte("<Error>")) {
		return nil
	}
	res.Body = io.NopCloser(bytes.NewReader(data))
	code, text := s.says(res)
	err = s.refused(ctx, c, res.StatusCode, code, text)
	if ctx.Err() == nil && (publish.IsFinal(err) && publish.ReasonOf(err) != publish.NoPlace || code == "") {
		s.cannotCopy.Store(true)
		return errors.ErrUnsupported
	}
	return err
}

func (s *xmlStore) Delete(ctx context.Context, name string) error {
	err := s.do(ctx, call{op: "DELETE", on: name, method: http.MethodDelete, url: s.at(name), header: s.remove})
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func (s *xmlStore) List(ctx context.Context, dir string) ([]string, error) {
	return s.list(dir, func(folder, from string) ([]string, string, error) {
		query := url.Values{"prefix": {folder}, "delimiter": {"/"}}
		for name, values := range s.pages {
			query[name] = values
		}
		if from != "" {
			query.Set("marker", from)
		}
		if s.most > 0 {
			query.Set(s.mostName, strconv.Itoa(s.most))
		}
		res, err := s.ask(ctx, call{op: "LIST", on: dir, method: http.MethodGet, url: s.address + "?" + query.Encode()})
		if err != nil {
			return nil, "", err
		}
		defer res.Body.Close()
		var page struct {
			Keys    []string `xml:"Contents>Key"`
			Folders []string `xml:"CommonPrefixes>Prefix"`
			More    bool     `xml:"IsTruncated"`
			Next    string   `xml:"NextMarker"`
			Blobs   []struct {
				Encoded bool   `xml:"Encoded,attr"` // holds what XML has no words for
				Text    string `xml:",chardata"`
			} `xml:"Blobs>Blob>Name"`
		}
		if err := xml.NewDecoder(res.Body).Decode(&page); err != nil {
			return nil, "", networkError(ctx, "LIST "+dir, err)
		}
		if page.More && page.Next == "" { // then it is the last name
			for _, name := range append(page.Keys, page.Folders...) {
				page.Next = max(page.Next, name)
			}
		}
		for _, b := range page.Blobs {
			if plain, err := url.PathUnescape(b.Text); err == nil && b.Encoded {
				b.Text = plain
			}
			page.Keys = append(page.Keys, b.Text)
		}
		return page.Keys, page.Next, nil
	})
}
