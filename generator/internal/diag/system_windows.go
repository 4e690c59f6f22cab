package diag

import (
	"syscall"

	"golang.org/x/sys/windows"
)

// Windows has error numbers of its own; those of package syscall that are named like
// Unix's are never what it answers.
func init() {
	for _, t := range troubles {
		for _, same := range onWindows[t.err] {
			troubles = append(troubles, trouble{same, t.fact, t.hint})
		}
	}
	troubles = append([]trouble{
		{windows.ERROR_SHARING_VIOLATION, Text("另一个程序正开着这个文件", "another program has this file open"), Text("请关掉打开它的程序，再运行一次。", "Close the program that has it open, and run the command again.")},
		{windows.ERROR_LOCK_VIOLATION, Text("另一个程序锁着这个文件", "another program has locked this file"), Text("请关掉打开它的程序，再运行一次。", "Close the program that has it open, and run the command again.")},
		{windows.ERROR_BAD_NETPATH, Text("连不上这个网络位置", "this network place is not reached"), Text("请检查网络和共享文件夹。", "Look at the network and the shared folder.")},
		{windows.ERROR_NETNAME_DELETED, Text("网络位置断开了", "the network place has gone away"), Text("请检查网络和共享文件夹，再运行一次。", "Look at the network and the shared folder, and run the command again.")},
		{windows.ERROR_NOT_READY, Text("磁盘没有准备好", "the disk is not ready"), Text("请插好磁盘，再运行一次。", "Put the disk in, and run the command again.")},
		{windows.ERROR_INVALID_NAME, Text("Windows 不允许这样的名字", "Windows allows no such name"), Text(`名字里不能有 \ / : * ? " < > |，也不能以点或空格结尾。`, `A name has none of \ / : * ? " < > | and does not end with a dot or space.`)},
	}, troubles...)
}

// onWindows are the answers of Windows that mean what a number of Unix means.
var onWindows = map[error][]error{
	syscall.ENOSPC:       {windows.ERROR_DISK_FULL, windows.ERROR_HANDLE_DISK_FULL},
	syscall.EDQUOT:       {windows.ERROR_DISK_QUOTA_EXCEEDED},
	syscall.EROFS:        {windows.ERROR_WRITE_PROTECT},
	syscall.ENAMETOOLONG: {windows.ERROR_FILENAME_EXCED_RANGE},
	syscall.EMFILE:       {windows.ERROR_TOO_MANY_OPEN_FILES},
	syscall.ENOTDIR:      {windows.ERROR_DIRECTORY},
	syscall.EIO:          {windows.ERROR_IO_DEVICE, windows.ERROR_CRC},
}
