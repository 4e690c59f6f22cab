package hosts

// What the hosts that run an installed program share (git, rsync, and the ssh that they
// start): what such programs say, and what it means.

import (
	"bytes"
	"cmp"
	"regexp"
	"strings"
	"sync"
	"unicode"

	"minxi/generator/internal/publish"
)

// said keeps the beginning of what a program prints on its standard error.
type said struct {
	mu sync.Mutex
	b  bytes.Buffer
}

const saidMost = 1 << 20

func (s *said) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.b.Write(p[:min(len(p), saidMost-s.b.Len())])
	return len(p), nil
}

func (s *said) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// hide takes secrets out of a text.
func hide(text string, secrets ...string) string {
	for _, secret := range secrets {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, "…")
		}
	}
	return text
}

// oneLineOf makes what others say fit for a message, and keeps them from writing on the
// terminal as they like.
func oneLineOf(text string) string {
	text = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "?"))
	text = strings.Join(strings.Fields(text), " ")
	return strings.ToValidUTF8(text[:min(len(text), 600)], "")
}

// telling gives the lines of what a program said that tell what is wrong, without the
// words in them that say who says so.
func telling(said string, noise, who *regexp.Regexp) (lines []string) {
	for line := range strings.FieldsFuncSeq(said, func(r rune) bool { return r == '\n' || r == '\r' }) {
		if line = oneLineOf(line); noise.MatchString(line) {
			continue
		}
		if line = strings.TrimSpace(who.ReplaceAllString(line, "")); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// programsSay are what git, rsync, ssh and the systems below them say, in the order in
// which it counts if a text has several, and whether trying again cannot help then.
var programsSay = []struct {
	words *regexp.Regexp
	why   publish.Reason
	final bool
}{
	{regexp.MustCompile(`No space left on device|Disk quota exceeded`), publish.NoRoom, true},
	{regexp.MustCompile(`Host key verification failed|HOST IDENTIFICATION HAS CHANGED|SSL certificate|certificate verif`), publish.Untrusted, true},
	{regexp.MustCompile(`Authentication failed|could not read (?:Username|Password)|Permission denied \(|auth failed`), publish.BadLogin, true},
	{regexp.MustCompile(`Permission denied|Permission to|not allowed|dubious ownership|read only|[Rr]ead-only`), publish.NotAllowed, true},
	{regexp.MustCompile(`command not found`), publish.NoProgram, true},
	{regexp.MustCompile(`does not appear to be a git repository|not a git repository|not found|Unknown module`), publish.NoPlace, true},
	{regexp.MustCompile(`Not found`), publish.NoPlace, false},
	{rushed, publish.TooOften, false},
	{regexp.MustCompile(`Could not resolve host|Failed to connect|Couldn't connect|Connection refused|No route to host`), publish.Unreachable, false},
	{regexp.MustCompile(`timed out`), publish.Silent, false},
	{regexp.MustCompile(`unexpected disconnect|hung up unexpectedly|Connection reset|early EOF`), publish.CutOff, false},
	{regexp.MustCompile(`mkdir .* failed|does not support shallow`), "", true},
}

// rushed passes, whatever else is said.
var rushed = regexp.MustCompile(`max connections`)

// meaning says what a text of a program means, and whether trying again cannot help.
func meaning(text string) (why publish.Reason, final bool) {
	for _, known := range programsSay {
		if known.words.MatchString(text) {
			why = cmp.Or(why, known.why)
			final = final || known.final
		}
	}
	return why, final && !rushed.MatchString(text)
}
