package client

import (
	"fmt"
	"io"
	"os"
	"runtime"

	"deltatrace/traceability"

	"github.com/go-json-experiment/json"
)

// maxKeyFile is how long a key file may be, in bytes.
const maxKeyFile = 64 << 10

// ReadKey reads a party's key file, {"party":…,"key":<private JWK>}. It refuses one
// that others than its owner and its owner's group can read, or any but its owner can
// write: such a key is no secret any more, or may be somebody else's.
func ReadKey(path string) (key traceability.SigningKey, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return key, err
	}
	if !info.Mode().IsRegular() { // before it is opened: a pipe would wait for ever
		return key, fmt.Errorf("%s 不是普通文件 · is no regular file", path)
	}
	if mode := info.Mode().Perm(); runtime.GOOS != "windows" && mode&0o027 != 0 {
		return key, fmt.Errorf("%s 的权限为 %04o，他人可读或可改；请改为 0600（chmod 600），并确认密钥未泄露 · has mode %04o, so others can read or change it; chmod 600 it, and make sure that the key has not leaked", path, mode, mode)
	}
	file, err := os.Open(path)
	if err != nil {
		return key, err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxKeyFile+1))
	if err == nil && len(text) > maxKeyFile {
		err = fmt.Errorf("more than %d bytes", maxKeyFile)
	}
	if err == nil {
		err = json.Unmarshal(text, &key)
	}
	if err != nil {
		return key, fmt.Errorf("%s 不是密钥文件 · is no key file of labs-adapter keygen", path)
	}
	return key, nil
}
