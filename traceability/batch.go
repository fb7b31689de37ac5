package traceability

import "fmt"

// CheckBatch returns the size in bytes of a batch that is within
// MaxBatchDocuments and MaxBatchBytes, or an *Error batch_too_big.
func CheckBatch(documents []string) (size int, err error) {
	for _, d := range documents {
		size += len(d)
	}
	found := ""
	switch {
	case len(documents) > MaxBatchDocuments:
		found = fmt.Sprintf("%d documents", len(documents))
	case size > MaxBatchBytes:
		found = fmt.Sprintf("%d bytes", size)
	default:
		return size, nil
	}
	return 0, &Error{Code: CodeBatchTooBig, Found: found,
		Expected: fmt.Sprintf("at most %d documents and %d bytes", MaxBatchDocuments, MaxBatchBytes),
		ZH:       fmt.Sprintf("一次提交最多 %d 份、%d 字节", MaxBatchDocuments, MaxBatchBytes),
		EN:       fmt.Sprintf("a batch has at most %d documents and %d bytes; this one has %s", MaxBatchDocuments, MaxBatchBytes, found)}
}
