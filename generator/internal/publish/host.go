package publish

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"iter"
	"strings"

	"minxi/generator/internal/plan"
)

// A Host is a place that serves a site: a bucket, a folder behind a web server,
// a branch, an account at a hosting company. It is a [Store] or a [Deployer], and
// knows files by name and nothing of releases, phases or manifests; those are the
// protocol's, in this package, and are the same for all hosts.
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
// Stat, Get and List tell what readers are served now.
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

	// List gives the full names of the files directly in a folder, in any order:
	// none, and no error, if there is no such folder. It sees everything that has
	// returned before it is called, whichever process it was in: the lock of a
	// Store depends on it.
	List(ctx context.Context, dir string) ([]string, error)

	// Close gives back what the host holds on this machine: connections, temporary
	// files.
	Close() error
}

// A Store is a host of single files, each of which readers are served as soon as it
// is put. The order of the operations is what protects them.
type Store interface {
	Host

	// Put makes f.Path hold the bytes that body gives, with f.Header where the
	// host keeps headers, replacing what was there. It makes folders as needed.
	//
	// When it returns nil, the host has said that it holds all f.Size bytes. When
	// it fails, when body fails or gives another number of bytes, and whenever the
	// process is killed, the name holds what it held before or all of the new
	// bytes. Leftovers under other names do not show in List and go with the next Put
	// or Delete of the same name, or when the next process changes something.
	//
	// body may be called again, for a retry or a checksum; each call starts anew.
	Put(ctx context.Context, f File, body Body) error

	// Delete removes a name. That there was nothing is no error. Folders that
	// become empty may be removed or stay.
	Delete(ctx context.Context, name string) error
}

// A Deployer is a host that shows readers a whole release in one step.
type Deployer interface {
	Host

	// Deploy has readers be served the live release with the changes of d. When it
	// returns nil, they are; when it fails, or the process is killed at any moment,
	// they are served the old release or the new one, whole, and the next process
	// can tell which by what Get gives. Nothing that d does not name is changed or
	// lost. The error is a [BusyError] if somebody else has deployed since Lock.
	//
	// After an error it may be called again with the same d. What an earlier call
	// has brought, in this process or one that was killed, need not be brought again.
	Deploy(ctx context.Context, d Deployment) error

	// Lock keeps a second publisher out until unlock is called, or lets the second
	// find out in Deploy. A lock is let go when its holder dies. What the host sees
	// from now on is what is live now. The context that comes back ends when the lock
	// is lost; it may be ctx itself where a lock cannot be lost. The error is a
	// [BusyError] when another has it.
	Lock(ctx context.Context, holder string) (held context.Context, unlock func() error, err error)
}

// A Deployment is what leads from the release that readers are served to the next.
// Both lists are in no order, name nothing twice, and can be gone through again.
type Deployment struct {
	Release Release // that is going to be live
	Puts    iter.Seq2[Placed, error]
	Drops   iter.Seq2[string, error] // names that go; that there is nothing is no error

	// How many files of the site, for a message: the lists have the archive's, too.
	Added, Changed, Removed int
}

// A Placed is a file that a deployment brings, under a name that may be new.
type Placed struct {
	File
	Live string // the live release holds these bytes under this name; else Open gives them
	Open Body
}

// Traits are what a host can promise and keep.
type Traits struct {
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
	// more about its bytes. A Deployer that is told so keeps what it holds by hashes.
	Checked bool

	// Limits are what the host cannot hold.
	Limits Limits

	// NameMax is how many bytes a name between two slashes may have, PathMax how
	// many a whole path; 0 is no limit. The protocol looks before anything starts, and
	// what could not be there is not asked for.
	NameMax, PathMax int

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
	Size   int64  // -1 where a Deployer would have to fetch the file to tell
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

// A Flusher gathers what is put and deleted, and sends it in larger pieces. When
// Flush returns nil, all of it is in effect as after Put and Delete; before, nothing
// of it need be seen by Get, Stat and List. The protocol flushes at the end of each
// phase.
type Flusher interface {
	Flush(ctx context.Context) error

	// Discard forgets what was gathered and never flushed. After an error nothing of
	// it may be sent any more, not even with the next Flush.
	Discard(ctx context.Context) error
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
