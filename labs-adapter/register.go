package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"

	"deltatrace/labs-adapter/formats"
	"deltatrace/traceability"
)

// registerCommand brings a province's register of licences onto the ledger.
type registerCommand struct {
	Check    registerCheckCommand    `cmd:"" help:"Show what is wrong with the rows of a register's file. No key, no network."`
	Submit   registerSubmitCommand   `cmd:"" help:"Bring the register on the ledger to what the files say; tell what became of each row."`
	Checksum registerChecksumCommand `cmd:"" help:"Print the checksum of a file that holds the whole register."`
}

// Help says what a file of licences is.
func (registerCommand) Help() string {
	return `A row a licence, CSV (UTF-8 or GB18030) or XLSX, the header in the first six rows. Required columns: 许可证编号, 经营者名称, 经营场所, 经营项目, 有效期自. Also read: 许可证类型, 行政区划代码, 统一社会信用代码, 住所, 门头名称, 主体业态, 有效期至, 发证机关, 量化分级, 评定日期, 明厨亮灶, 堂食, 许可证状态 (有效, 停业, 吊销, 撤销, 注销), 变更日期, 处理文号, 变更原因. A file may hold the whole register or what has changed since: a row that the ledger has already is left alone.`
}

type registerCheckCommand struct {
	Files  []string `arg:"" name:"file" help:"CSV or XLSX files."`
	Format string   `enum:"text,json" default:"text" help:"text: the rows that are wrong. json: one JSON object for each row, a line each."`
	progressFlag
}

// Run shows every row of the files.
func (c *registerCheckCommand) Run(p *program) error {
	out := newRegisterOutput(p, c.Format)
	for _, path := range c.Files {
		err := eachLicence(p, path, c.progressFlag, out, func(row *formats.LicenceRow) error {
			return out.licence(path, row, localLicenceFate(row))
		})
		if err != nil {
			out.to.Flush()
			return err
		}
	}
	return out.finish()
}

// eachLicence reads a file's rows; what it cannot read it shows.
func eachLicence(p *program, path string, flag progressFlag, out *output, do func(*formats.LicenceRow) error) error {
	progress := flag.start(p, path)
	defer progress.stop()
	file, err := openRegister(p, path, out, progress)
	if file == nil {
		return err
	}
	defer file.Close()
	for row, err := range file.Rows(p.ctx) {
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if err := do(row); err != nil {
			return err
		}
		progress.add(1)
	}
	return nil
}

// openRegister opens a file; nil when it cannot be read, which is shown, or when
// the error ends the program.
func openRegister(p *program, path string, out *output, progress *progress) (*formats.Register, error) {
	out.totals.Files++
	options := formats.Options{Notify: func(n formats.Notice) { out.notice(path, n) }, Scanned: progress.scanned}
	file, err := formats.OpenRegister(p.ctx, path, options)
	if err == nil {
		progress.total = file.RowCount
		return file, nil
	}
	if p.ctx.Err() != nil {
		return nil, &exitError{exitUnsent, errInterrupted}
	}
	return nil, out.unreadable(path, asProblem(err))
}

type registerChecksumCommand struct {
	Files []string `arg:"" name:"file" help:"CSV or XLSX files that hold the whole register together."`
	progressFlag
}

// Help says what the checksum is for.
func (registerChecksumCommand) Help() string {
	return `Put the output beside a file of changes as <file>.sum.json: "register submit" then compares it with the ledger's register when the file is loaded, and says when the two have drifted apart. It needs 100 bytes of memory for each licence.`
}

// Run prints {"licences":…,"sha256":"…"}.
func (c *registerChecksumCommand) Run(p *program) error {
	out := newRegisterOutput(p, "text")
	type row struct {
		id  traceability.LicenceID
		sum string
	}
	var rows []row
	for _, path := range c.Files {
		err := eachLicence(p, path, c.progressFlag, out, func(l *formats.LicenceRow) error {
			if l.Rejected() {
				return out.licence(path, l, localLicenceFate(l))
			}
			sum, err := l.Row.Sum()
			rows = append(rows, row{l.Row.ID, sum})
			return err
		})
		if err != nil {
			return err
		}
	}
	if status := out.totals.exit(); status != exitOK {
		return errors.Join(out.finish(), out.to.Flush())
	}
	slices.SortFunc(rows, func(a, b row) int { return strings.Compare(string(a.id), string(b.id)) })
	var h traceability.RegisterHash
	for _, r := range rows {
		h.Add(r.id, r.sum)
	}
	return json.MarshalWrite(p.stdout, h.Sum())
}

// sumSuffix is of the file beside another that states the whole register's checksum.
const sumSuffix = ".sum.json"

// maxSumFile bounds it, in bytes.
const maxSumFile = 64 << 10

// statedSum reads what a file beside the given one states of the whole register; nil
// when there is none.
func statedSum(path string) (*traceability.RegisterSum, error) {
	file, err := formats.OpenRegular(path + sumSuffix)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, usage(err)
	}
	defer file.Close()
	sum := new(traceability.RegisterSum)
	if err := json.UnmarshalRead(io.LimitReader(file, maxSumFile), sum); err != nil || sum.SHA256 == "" {
		return nil, usage(fmt.Errorf("%s%s: 应为 expected {\"licences\":…,\"sha256\":\"…\"}", path, sumSuffix))
	}
	return sum, nil
}
