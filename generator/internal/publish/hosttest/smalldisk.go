package hosttest

// Disks that fill up while a site is published: the one where the host keeps it,
// and the one where the publisher has its temporary files. They are small file
// systems in memory, mounted for the test.

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"minxi/generator/internal/publish"
)

// InMemory has tests make their temporary files in memory where there is room for
// it, unless TMPDIR says where: they write and remove hundreds of thousands.
func InMemory() {
	const folder = "/dev/shm"
	var has syscall.Statfs_t
	if os.Getenv("TMPDIR") == "" && syscall.Statfs(folder, &has) == nil && int64(has.Bavail)*has.Bsize > 2<<30 {
		os.Setenv("TMPDIR", folder)
	}
}

// A smallDisk is a file system of its own in memory.
type smallDisk struct {
	testing.TB
	dir string
}

// newSmallDisk mounts one at dir, which need not be there yet, until the test ends.
// Only root may: elsewhere than in CI the test is skipped for others.
func newSmallDisk(t testing.TB, dir string) smallDisk {
	t.Helper()
	if err := makeOwned(dir); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "mode=0777"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("a small disk cannot be mounted at %s: %v", dir, err)
		}
		t.Skipf("a small disk cannot be mounted at %s: %v", dir, err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	return smallDisk{t, dir}
}

// makeOwned makes a folder and those above it that are not there. They belong to whom the
// folder belongs that was there: to the server's user, who is to write beside ours.
func makeOwned(dir string) error {
	var owner syscall.Stat_t
	err := syscall.Stat(dir, &owner)
	if err != syscall.ENOENT {
		return err
	}
	above := filepath.Dir(dir)
	if err := makeOwned(above); err != nil {
		return err
	}
	if err := syscall.Stat(above, &owner); err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o755); err != nil && !errors.Is(err, fs.ErrExist) { // a server may have been faster
		return err
	}
	return os.Chown(dir, int(owner.Uid), int(owner.Gid))
}

// leave makes it so large that there is room for some more bytes; less than none is
// all the room that one wants.
func (d smallDisk) leave(room int64) {
	d.Helper()
	size := int64(1 << 30)
	if room >= 0 {
		var now syscall.Statfs_t
		if err := syscall.Statfs(d.dir, &now); err != nil {
			d.Fatal(err)
		}
		// No size at all would be no limit.
		size = max(int64(now.Blocks-now.Bfree)*now.Bsize+room, now.Bsize)
	}
	if err := syscall.Mount("tmpfs", d.dir, "tmpfs", syscall.MS_REMOUNT, fmt.Sprintf("size=%d", size)); err != nil {
		d.Fatalf("%s with room for %d bytes: %v", d.dir, room, err)
	}
}

// fullDisk publishes to a disk with too little room, with a little more each time,
// until there is enough.
func (b *bench) fullDisk() {
	if b.Disk == "" {
		b.Skip("its disk is not here")
	}
	disk := newSmallDisk(b, b.Disk)
	b.fills("the host's disk", disk, func(version int) error {
		_, err := b.publish(context.Background(), version)
		return err
	})
}

// fullTemp publishes from a machine whose temporary folder has too little room.
func (b *bench) fullTemp() {
	temp := b.TempDir()
	disk := newSmallDisk(b, temp)
	b.fills("the publisher's temporary folder", disk, func(version int) error {
		cmd := b.child(version).command(b)
		cmd.Env = append(cmd.Env, "TMPDIR="+temp)
		var said bytes.Buffer
		cmd.Stderr = &said
		if err := cmd.Run(); err != nil {
			why := publish.Reason("")
			if strings.Contains(strings.ToLower(said.String()), syscall.ENOSPC.Error()) {
				why = publish.NoRoom
			}
			return publish.Because(why, fmt.Errorf("%s (%w)", strings.TrimSpace(said.String()), err))
		}
		return nil
	})
}

func (b *bench) fills(which string, disk smallDisk, try func(version int) error) {
	disk.leave(-1)
	b.mustPublish(0)
	b.mustPublish(1)
	filled, told := 0, 0
	step := int64(b.count(32<<10, 256<<10, 512<<10))
	for round, room := 0, int64(0); ; round, room = round+1, room+step {
		version := round % 2
		when := fmt.Sprintf("%s with room for %d bytes", which, room)
		before := b.live()
		disk.leave(room)
		err := try(version)
		b.look(when)
		disk.leave(-1)
		if err != nil {
			filled++
			switch publish.ReasonOf(err) {
			case publish.NoRoom:
				told++
			case publish.Faulty: // some servers say no more than that
			default:
				b.Errorf("%s: the error does not say so: %v", when, err)
			}
			if round < 3 {
				b.Logf("%s: %v", when, err)
			}
			if b.live() == before {
				b.keeps(1-version, when)
			}
		}
		b.carryOn(version, when)
		if err == nil {
			break
		}
		if room > 64<<20 {
			b.Fatalf("%s: %v", when, err)
		}
	}
	b.Full += filled
	b.Logf("%s was full %d times, and the error said so %d times", which, filled, told)
	if filled == 0 {
		b.Errorf("%s was never full", which)
	}
}
