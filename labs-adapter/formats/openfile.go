package formats

import (
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// OpenRegular opens a regular file for reading, and nothing else: a pipe would wait
// for a writer for ever, and to open a device may already do something.
func OpenRegular(path string) (*os.File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if err := regular(path, info); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0) // what is put there meanwhile does not hold it up either
	if err != nil {
		return nil, err
	}
	if info, err = file.Stat(); err == nil {
		err = regular(path, info)
	}
	if err != nil {
		file.Close()
		return nil, err
	}
	return file, nil
}

func regular(path string, info fs.FileInfo) error {
	if info.Mode().IsRegular() {
		return nil
	}
	return fmt.Errorf("%s 不是普通文件 · is no regular file", path)
}
