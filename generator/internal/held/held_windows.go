package held

import (
	"syscall"
	"unsafe"

	"golang.org/x/sys/windows"
)

// inUse are the answers of Windows that may mean that somebody holds a file. Access is
// denied, too, to who renames a folder with an open file in it.
var inUse = []error{windows.ERROR_SHARING_VIOLATION, windows.ERROR_LOCK_VIOLATION, windows.ERROR_ACCESS_DENIED}

// unable is what a file system says that cannot do what it is asked.
const unable = syscall.Errno(windows.ERROR_INVALID_FUNCTION)

// tryAlone opens a file as somebody who shares it with nobody.
func tryAlone(name string) error {
	path, err := windows.UTF16PtrFromString(name)
	if err != nil {
		return err
	}
	h, err := windows.CreateFile(path, windows.GENERIC_READ, 0, nil, windows.OPEN_EXISTING, windows.FILE_ATTRIBUTE_NORMAL, 0)
	if err != nil {
		return err
	}
	return windows.CloseHandle(h)
}

// The Restart Manager, with which installers ask who has to be closed
// (learn.microsoft.com/windows/win32/rstmgr).
var (
	restart    = windows.NewLazySystemDLL("rstrtmgr.dll")
	rmStart    = restart.NewProc("RmStartSession")
	rmRegister = restart.NewProc("RmRegisterResources")
	rmList     = restart.NewProc("RmGetList")
	rmEnd      = restart.NewProc("RmEndSession")
	mostNamed  = uint32(8)
)

// process is RM_PROCESS_INFO.
type process struct {
	pid       uint32
	started   windows.Filetime
	app       [256]uint16
	service   [64]uint16
	kind      uint32
	status    uint32
	session   uint32
	restarted int32
}

// holders are the names of the programs that have a file open, as far as Windows tells.
func holders(name string) (names []string) {
	if restart.Load() != nil {
		return nil
	}
	var session uint32
	var key [33]uint16 // CCH_RM_SESSION_KEY + 1
	if code, _, _ := rmStart.Call(uintptr(unsafe.Pointer(&session)), 0, uintptr(unsafe.Pointer(&key[0]))); code != 0 {
		return nil
	}
	defer rmEnd.Call(uintptr(session))
	path, err := syscall.UTF16PtrFromString(name)
	if err != nil {
		return nil
	}
	if code, _, _ := rmRegister.Call(uintptr(session), 1, uintptr(unsafe.Pointer(&path)), 0, 0, 0, 0); code != 0 {
		return nil
	}
	var needed, reasons uint32
	n := mostNamed
	found := make([]process, n)
	code, _, _ := rmList.Call(uintptr(session), uintptr(unsafe.Pointer(&needed)), uintptr(unsafe.Pointer(&n)), uintptr(unsafe.Pointer(&found[0])), uintptr(unsafe.Pointer(&reasons)))
	if code != 0 && syscall.Errno(code) != windows.ERROR_MORE_DATA {
		return nil
	}
	for _, p := range found[:min(n, mostNamed)] {
		if s := windows.UTF16ToString(p.app[:]); s != "" {
			names = append(names, s)
		}
	}
	return names
}
