package pipeline

import (
	"context"
	"runtime"
	"sync"

	"golang.org/x/sync/errgroup"

	"minxi/generator/internal/address"
	"minxi/generator/internal/cache"
	"minxi/generator/internal/site"
)

// Cards and long pictures: taken from the cache by what they show, else drawn, by as
// many workers as there are processors. They come before the pages, because a page says
// how large its long picture is.

// keptPictures is how many pictures are drawn before the cache gets them, so that memory does
// not grow with the plan.
const keptPictures = 200

// pictures draws the pictures of one build.
type pictures struct {
	w     *writer
	o     Options
	site  *site.Site
	packs []*cache.Packs

	mu    sync.Mutex
	sizes map[string]int // of those that are there, by address
	drawn []cache.Item   // that the cache does not have yet
}

func newPictures(w *writer, o Options, s *site.Site, packs []*cache.Packs) *pictures {
	return &pictures{w: w, o: o, site: s, packs: packs, sizes: map[string]int{}}
}

// all passes on every picture; of a slice, those of the slice.
func (p *pictures) all(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	n := -1
	for picture := range p.site.Pictures() {
		if n++; !p.o.Slice.has(n) {
			continue
		}
		if ctx.Err() != nil {
			break
		}
		group.Go(func() error {
			if err := p.w.take(picture.File()); err != nil {
				return err
			}
			return p.make(picture, true)
		})
	}
	return group.Wait()
}

// size is how many bytes a long picture has. One that is not there yet, because it is
// of another slice, is drawn for that.
func (p *pictures) size(a address.Address) int {
	p.mu.Lock()
	size, has := p.sizes[a.Path]
	p.mu.Unlock()
	if has {
		return size
	}
	if picture, ok := p.site.Picture(a); ok && p.make(picture, false) == nil {
		return p.size(a)
	}
	return 0
}

// make has a picture, from the cache or drawn, and passes it on if it is asked to.
func (p *pictures) make(picture site.Picture, pass bool) error {
	for _, packs := range p.packs {
		item, ok := packs.Find(picture.Entry)
		if !ok {
			continue
		}
		item.Use()
		if !pass || p.w.keep(picture.File(), item.Sum) {
			p.note(picture, item.Size())
			return nil
		}
		if data, whole := item.Read(); whole {
			p.note(picture, len(data))
			return p.w.put(picture.File(), data, 0)
		}
	}
	data, err := picture.Draw()
	if err != nil {
		return err
	}
	p.note(picture, len(data))
	p.mu.Lock()
	p.w.res.Drawn++
	p.drawn = append(p.drawn, cache.Item{Entry: picture.Entry, Data: data})
	p.mu.Unlock()
	p.pack(keptPictures)
	if !pass {
		return nil
	}
	return p.w.put(picture.File(), data, int64(len(data)))
}

func (p *pictures) note(picture site.Picture, size int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sizes[picture.Path] = size
}

// pack gives what was drawn to the cache, if it is so many pictures.
func (p *pictures) pack(least int) {
	p.mu.Lock()
	var full []cache.Item
	if len(p.drawn) >= least {
		full, p.drawn = p.drawn, nil
	}
	p.mu.Unlock()
	if len(full) > 0 {
		p.o.Cache.Pack(full)
	}
}

// close gives the cache the rest.
func (p *pictures) close() { p.pack(1) }
