package diag

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"minxi/generator/internal/plan"
)

// trouble is what the system says of a file, and what people can do about it.
type trouble struct {
	err        error
	fact, hint plan.Text
}

// troubles are in the order in which they count.
var troubles = []trouble{
	{syscall.ENOSPC, Text("磁盘满了", "the disk is full"), Text("请腾出空间，再运行一次。", "Make room, and run the command again.")},
	{syscall.EDQUOT, Text("分给您的磁盘空间用完了", "your share of the disk is used up"), Text("请腾出空间，再运行一次。", "Make room, and run the command again.")},
	{syscall.EROFS, Text("这里是只读的，写不进去", "this place can only be read"), Text("请换一个能写的文件夹，或请管理员改成可写。", "Choose a folder that can be written, or have this one made writable.")},
	{fs.ErrPermission, Text("没有权限", "this is not allowed"), Text("请检查文件或文件夹的权限，或换一个文件夹。", "Look at the permissions of the file or folder, or choose another.")},
	{syscall.ENAMETOOLONG, Text("名字太长", "the name is too long"), Text("请换短一些的名字。", "Give it a shorter name.")},
	{syscall.EMFILE, Text("同时打开的文件太多", "too many files are open"), Text("请关掉一些程序，或提高限额（ulimit -n）。", "Close some programs, or raise the limit (ulimit -n).")},
	{syscall.EISDIR, Text("这是文件夹，不是文件", "this is a folder, not a file"), Text("请核对名字。", "Check the name.")},
	{syscall.ENOTDIR, Text("路径里有一段不是文件夹", "a part of this path is no folder"), Text("请核对名字。", "Check the name.")},
	{syscall.EIO, Text("磁盘读写出错", "the disk fails"), Text("请检查磁盘，先把文件另存一份。", "Look at the disk, and copy your files first.")},
	{fs.ErrNotExist, Text("没有这个文件或文件夹", "there is no such file or folder"), Text("请核对名字和所在的文件夹。", "Check the name and the folder.")},
}

// system explains an error of the operating system, with the file that it is about.
func system(err error) (Diagnostic, bool) {
	d := Diagnostic{Check: "system"}
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		d.File = filepath.ToSlash(path.Path)
	case errors.As(err, &link):
		d.File = filepath.ToSlash(link.New)
	default:
		return d, false
	}
	for _, t := range troubles {
		if errors.Is(err, t.err) {
			d.Fact, d.Hint = t.fact, t.hint
			return d, true
		}
	}
	return d, false
}
