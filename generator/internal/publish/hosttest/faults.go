package hosttest

// What Protocol did to hosts, and the page of the documentation that says so.

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// A Tally is what Protocol did to a host, and what readers met meanwhile.
type Tally struct {
	Operations       int // of a publish
	KilledBefore     int // different operations that a publish was killed before
	KilledWithin     int // transfers
	OperationsFailed int
	Cuts             int // connections
	Full             int // disks, the host's and the publisher's
	Pairs            int // of publishers at the same time

	Walks  int // of a reader through the whole site
	Files  int // that readers read
	Broken int // links
	Torn   int // files

	parts, failed int
	inPlace       bool
}

func (t *Tally) add(o Tally, failed bool) {
	t.parts++
	if failed {
		t.failed++
	}
	for _, sum := range []struct {
		to *int
		n  int
	}{
		{&t.Operations, o.Operations}, {&t.KilledBefore, o.KilledBefore}, {&t.KilledWithin, o.KilledWithin},
		{&t.OperationsFailed, o.OperationsFailed}, {&t.Cuts, o.Cuts}, {&t.Full, o.Full}, {&t.Pairs, o.Pairs},
		{&t.Walks, o.Walks}, {&t.Files, o.Files}, {&t.Broken, o.Broken}, {&t.Torn, o.Torn},
	} {
		*sum.to += sum.n
	}
}

// row is the host's line of the table.
func (t *Tally) row(host, date string) string {
	if t.inPlace {
		host += " †"
	}
	return fmt.Sprintf("| %s | %s | %d of %d | %d | %d | %d | %d | %d | %d | %d | %d | %d | %d |\n", host, date,
		t.KilledBefore, t.Operations, t.KilledWithin, t.OperationsFailed, t.Cuts, t.Full, t.Pairs, t.Walks, t.Files,
		t.Broken, t.Torn, t.failed)
}

const faultsIntro = `# Faults

Written by the command that tries every fault on every host:

` + "`MINXI_FAULTS=all go test -timeout 12h -run TestProtocol ./generator/internal/publish/hosts`" + `

` + "(`-run 'TestProtocol/^(folder|zip)$'` tries some hosts and renews their lines.)" + ` A small site is
published to a real server on the same machine while something goes wrong; then a
reader follows every link, another process publishes again, and every file is
compared. A publish is killed before each of its operations, and in the middle of
transfers; operations fail; connections are cut; disks are full, the host's and the
publisher's; two publish at the same time. The last three columns count what must
not be: links that led nowhere, files that were whole in no version, and parts of
the test that failed (nine a host). Servers with † write over the old bytes
themselves: there readers can meet a part of a file, and the next publish mends it.

| host | date | killed before an operation | killed in a transfer | operations failed | connections cut | full disks | two at once | walks of a reader | files read | broken links | torn files | failed |
|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|
`

// Record writes docs/faults.md from what was done to the hosts, by name, if all
// faults were tried. The lines of hosts that were not tried stay.
func Record(t testing.TB, tallies map[string]*Tally) {
	t.Helper()
	if !everything() {
		return
	}
	file := filepath.Join(root(), "docs", "faults.md")
	lines := map[string]string{}
	if old, err := os.ReadFile(file); err == nil {
		for line := range strings.Lines(string(old)) {
			if cells := strings.Split(line, " | "); len(cells) == 13 && cells[0] != "| host" {
				lines[strings.TrimSuffix(strings.TrimPrefix(cells[0], "| "), " †")] = line
			}
		}
	}
	for host, tally := range tallies {
		if tally.parts == len(parts) { // not when -run picked some of them
			lines[host] = tally.row(host, time.Now().UTC().Format(time.DateOnly))
		}
	}
	var b strings.Builder
	b.WriteString(faultsIntro)
	for _, host := range slices.Sorted(maps.Keys(lines)) {
		b.WriteString(lines[host])
	}
	if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
		t.Error(err)
	}
}
