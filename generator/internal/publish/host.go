package publish

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"strings"

	"minxi/generator/internal/plan"
)

// A Host is a place that serves a site: a bucket, a folder behind a web server,
// a branch, an account at a hosting company. It knows files by name and nothing
// of releases, phases or manifests; those are the protocol's, in this package,
// and are the same for all hosts.
//
// # Contract
//
// Names are valid slash paths relative to the site's root ([fs.ValidPath], never
// "."), in any script and with any character that a file name may have.
//
// Every method but Close may be called from several goroutines at once. Every
// method stops early when its context ends and then returns the context's error.
// A host does not try again by itself beyond what its library always does: the
// protocol does that, with the same arguments, for every error that is not
// [fs.ErrNotExist], [errors.ErrUnsupported] or wrapped by [Final].
//
// No error text, header or file that a host produces holds a secret.
//
// A host calls [Step] before each of its own operations on the outside that can
// fail by itself (a request, a rename, a push). That is where the log lines,
// the count of requests and the faults of the tests come from.
//
// # What the methods see
//
// All of them see what readers are going to be served once everything that was
// put so far is in effect. On an ordered host ([Traits].Atomic is false) that is
// what readers are served now. On an atomic host it is the stage: what is served,
// with the changes that were made since. A stage that outlives the process
// (because it is a folder, say) is taken up again by the next one; whether it
// does is the host's choice. A stage is never seen half made.
type Host interface {
	// Traits says what the host can promise. It does no work.
	Traits() Traits

	// Stat says what the host holds under a name, without reading it. The error
	// is fs.ErrNotExist if there is nothing.
	Stat(ctx context.Context, name string) (Stat, error)

	// Get opens what the host holds under a name, byte for byte as it was put:
	// an encoding that the host keeps as a header is not undone. The error, which
	// may come from Get or the first Read, is fs.ErrNotExist if there is nothing.
	Get(ctx context.Context, name string) (io.ReadCloser, error)

	// Put makes f.Path hold the bytes that body gives, with f.Header where the
	// host keeps headers, replacing what was there. It makes folders as needed.
	//
	// When it returns nil, the host has said that it holds all f.Size bytes. When
	// it fails, when body fails or gives another number of bytes, and whenever the
	// process is killed, the name holds what it held before or all of the new
	// bytes, unless Traits.Torn says that the host cannot promise that. Leftovers
	// under other names do not show in List and go with the next Put or Delete of
	// the same name.
	//
	// body may be called again, for a retry or a checksum; each call starts anew.
	Put(ctx context.Context, f File, body Body) error

	// Delete removes a name. That there was nothing is no error. Folders that
	// become empty may be removed or stay.
	Delete(ctx context.Context, name string) error

	// List gives the full names of the files directly in a folder, in any order:
	// none, and no error, if there is no such folder. It sees every Put and Delete
	// that has returned before it is called, whichever process they were in: the
	// lock depends on it.
	List(ctx context.Context, dir string) ([]string, error)

	// Close gives back what the host holds on this machine: connections, temporary
	// files. What was put and, on an atomic host, not committed stays invisible to
	// readers.
	Close() error
}

// Traits are what a host can promise and keep.
type Traits struct {
	// Atomic hosts are also a [Committer]: readers see nothing of a publish until
	// Commit, and then all of it. On others the order of the operations is what
	// protects readers.
	Atomic bool

	// Headers says that the host keeps the headers of each file (it is the web
	// server too, or feeds one). Where it is false, the web server in front of it
	// has its own configuration, and a change of headers alone is no change.
	Headers bool

	// Keeps lists the headers that the host can keep, for hosts that cannot keep
	// every one: any other is lost, Stat gives these and no others, and a change of
	// another alone is no change. nil is every header.
	Keeps []string

	// Encodings lists the content codings ("br", "gzip") in which the host can
	// keep a file and serve it with Content-Encoding.
	Encodings []string

	// Conventions lists the configuration files that the host takes from the tree
	// and obeys: "_headers", "_redirects", "netlify.toml", ".nojekyll".
	Conventions []string

	// Checked says that a Put which returned nil was checked by the service against
	// a hash that was sent along, so that reading every file back proves nothing
	// more about its bytes.
	Checked bool

	// NameMax is how many bytes a name between two slashes may have, PathMax how
	// many a whole path; 0 is no limit. The protocol looks before anything starts, and
	// what could not be there is not asked for.
	NameMax, PathMax int

	// SizeFirst says that to ask for a file's size costs far less than to open it, so
	// that a file of another size is not read.
	SizeFirst bool

	// Torn says that a Put that is cut off may leave a part of the new bytes under
	// the name itself. Only for hosts that have no rename.
	Torn bool

	// Concurrency is how many calls at once suit the host; 0 leaves it to the
	// protocol.
	Concurrency int
}

// kept gives the headers that the host can keep.
func (t Traits) kept(h Header) Header {
	if !t.Headers {
		return nil
	}
	if t.Keeps == nil {
		return h
	}
	kept := Header{}
	for _, name := range t.Keeps {
		if v, ok := h[name]; ok {
			kept[name] = v
		}
	}
	return kept
}

// MostName is what file systems allow for a name between two slashes: NAME_MAX of
// Linux and the BSDs, in bytes.
const MostName = 255

// fits reports whether the host can hold a file of that name.
func (t Traits) fits(name string) bool {
	if t.PathMax > 0 && len(name) > t.PathMax {
		return false
	}
	for part := range strings.SplitSeq(name, "/") {
		if t.NameMax > 0 && len(part) > t.NameMax {
			return false
		}
	}
	return true
}

// Stat is what a host knows of a file without reading it.
type Stat struct {
	Size   int64
	SHA256 string // of the bytes as kept, as the host's own service computed or checked it; "" if it cannot tell, and where no headers are kept
	Header Header // nil where the host keeps none
}

// A Body opens the bytes of a file from the start.
type Body func() (io.ReadCloser, error)

// A Copier can make one of its files hold the bytes of another without sending
// them. from exists; to is as for Put, and its bytes are known to be the same.
// The error is errors.ErrUnsupported where this server cannot after all: the
// protocol then reads and puts.
type Copier interface {
	Copy(ctx context.Context, from string, to File) error
}

// A Committer shows readers everything that was put and deleted since the last
// Commit, in one step. Atomic hosts are Committers, and Lockers too, because a
// ticket in a stage is seen by nobody. When it returns an
// error, or the process is killed, readers have either the old or the new, and
// the next process can tell by what Get gives. Committing when nothing was
// changed is no error.
type Committer interface {
	Commit(ctx context.Context) error
}

// A Stager is an atomic host whose stage outlives the process. Served gives what
// readers are served, without the stage: a host to read from, and no other to close.
type Stager interface {
	Served() Host
}

// A Flusher gathers what is put and deleted, and sends it in larger pieces. When
// Flush returns nil, all of it is in effect as after Put and Delete; Get, Stat and
// List see it without. The protocol flushes at the end of each phase.
type Flusher interface {
	Flush(ctx context.Context) error

	// Discard forgets what was gathered and never flushed. After an error nothing of
	// it may be sent any more, not even with the next Flush.
	Discard(ctx context.Context) error
}

// A Locker has a lock of its own, which is let go when its holder dies, and keeps
// a second publisher out until unlock is called. The context that comes back ends
// when the lock is lost; it may be ctx itself where a lock cannot be lost. The error
// is a [BusyError] when another has it. Hosts that are none are locked by tickets (see lock.go), which
// needs nothing but Put, List and Delete.
type Locker interface {
	Lock(ctx context.Context, holder string) (held context.Context, unlock func() error, err error)
}

// BusyError says that somebody else is publishing to the host.
type BusyError struct {
	Holder string // who, as they introduced themselves; "" if unknown
}

func (e *BusyError) Error() string {
	if e.Holder == "" {
		return "somebody else is publishing to this host"
	}
	return e.Holder + " is publishing to this host"
}

// Final marks an error that trying again cannot mend: a wrong password, a bucket
// that is not there, a host key that is not the one expected.
func Final(err error) error {
	if err == nil {
		return nil
	}
	return &finalError{err}
}

// IsFinal reports whether an error was marked by [Final].
func IsFinal(err error) bool {
	var final *finalError
	return errors.As(err, &final)
}

type finalError struct{ error }

func (e *finalError) Unwrap() error { return e.error }

// worthRetrying says whether the same call may succeed the next time.
func worthRetrying(ctx context.Context, err error) bool {
	var busy *BusyError
	return err != nil && ctx.Err() == nil &&
		!errors.Is(err, fs.ErrNotExist) && !errors.Is(err, errors.ErrUnsupported) &&
		!IsFinal(err) && !errors.As(err, &busy)
}

// Step says that a host is about to do one operation on the outside: op in the
// words of its protocol ("PUT", "rename"), on what. The error, if there is one,
// takes the place of the operation and must be returned.
func Step(ctx context.Context, op, on string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if f, ok := ctx.Value(stepKey{}).(func(op, on string) error); ok {
		return f(op, on)
	}
	return nil
}

type stepKey struct{}

// WithSteps returns a context in which f hears of every [Step]. f may return an
// error to make the step fail. What already listens goes on listening, after f.
func WithSteps(ctx context.Context, f func(op, on string) error) context.Context {
	parent := ctx
	return context.WithValue(ctx, stepKey{}, func(op, on string) error {
		if err := f(op, on); err != nil {
			return err
		}
		return Step(parent, op, on)
	})
}

// Say has a host tell people something while they wait. Nobody may listen.
func Say(ctx context.Context, text plan.Text) {
	if f, ok := ctx.Value(sayKey{}).(func(plan.Text)); ok {
		f(text)
	}
}

type sayKey struct{}
