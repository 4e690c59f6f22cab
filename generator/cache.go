package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"minxi/generator/internal/cache"
)

// cacheCommand tells where finished pages are kept, and empties that place.
func (a *app) cacheCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "cache",
		Short: a.say("构建时保留的页面放在哪里、有多大", "where builds keep finished pages, and how much"),
		Long: a.say(`构建会保留做好的页面，下次只渲染有变化的页面。保留的内容只是为了快，随时可以清空。

超过 30 天没有用到的，以及超出 1 GB（大网站为其大小的两倍）的部分，构建时会自动删去。两万个文件以上的网站，前一次的文件夹也移到这里，下次在它上面改；没有变的文件与网站里的是同一份，不另占空间。`,
			`A build keeps the pages that it has finished, and renders only those that change. What is kept only saves time and may be removed at any moment.

What nobody has used for 30 days, and what exceeds 1 GB (of a large site twice its size), is removed by builds. Of a site with more than 20,000 files the folder before this one is moved here, too, and the next build changes it; files that are the same in both are stored once.`),
		Args: a.args(0, 0),
		RunE: func(*cobra.Command, []string) error {
			store := cache.Store{Dir: cacheDir()}
			n, bytes, err := store.Size()
			if err != nil {
				return err
			}
			if a.asJSON {
				a.print(map[string]any{"dir": store.Dir, "entries": n, "bytes": bytes})
				return nil
			}
			fmt.Fprintln(a.out, a.say("%s：%d 项，%s", "%s: %d entries, %s", store.Dir, n, size(bytes)))
			return nil
		},
	}
	cmd.AddCommand(&cobra.Command{
		Use:   "clear",
		Short: a.say("清空", "empty it"),
		Args:  a.args(0, 0),
		RunE: func(*cobra.Command, []string) error {
			n, bytes, err := cache.Store{Dir: cacheDir()}.Clear()
			if err != nil {
				return err
			}
			if a.asJSON {
				a.print(map[string]any{"removed": n, "bytes": bytes})
			} else if !a.quiet {
				fmt.Fprintln(a.out, a.say("已删去 %d 项，%s", "removed %d entries, %s", n, size(bytes)))
			}
			return nil
		},
	})
	return cmd
}
