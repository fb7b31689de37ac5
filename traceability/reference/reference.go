package reference

import (
	"embed"
	"fmt"
	"io/fs"

	"github.com/go-json-experiment/json"

	"deltatrace/traceability"
)

//go:embed *.json
var files embed.FS

// Document is the payload of a document, ready to be signed.
type Document struct {
	Type    traceability.DocumentType
	Payload traceability.Agreed
}

// Documents returns what is to be signed by three provinces: the calendars by year,
// the periods in the order of their table, the list of microbiological parameters,
// the quorum of consultations and the rule of recurrence.
func Documents() ([]Document, error) {
	var documents []Document
	calendars, err := fs.Glob(files, "calendar-*.json") // sorted
	if err != nil {
		return nil, fmt.Errorf("reference data: %w", err)
	}
	for _, name := range calendars {
		calendar, err := read[*traceability.Calendar](name)
		if err != nil {
			return nil, err
		}
		documents = append(documents, Document{traceability.TypeCalendarSet, calendar})
	}
	timers, err := read[[]*traceability.Timer]("timers.json")
	if err != nil {
		return nil, err
	}
	for _, timer := range timers {
		documents = append(documents, Document{traceability.TypeTimerSet, timer})
	}
	parameters, err := read[*traceability.Parameters]("parameters.json")
	if err != nil {
		return nil, err
	}
	documents = append(documents, Document{traceability.TypeParametersSet, parameters})
	quorums, err := read[[]*traceability.Quorum]("quorums.json")
	if err != nil {
		return nil, err
	}
	for _, quorum := range quorums {
		documents = append(documents, Document{traceability.TypeQuorumSet, quorum})
	}
	recurrences, err := read[[]*traceability.Recurrence]("recurrences.json")
	if err != nil {
		return nil, err
	}
	for _, recurrence := range recurrences {
		documents = append(documents, Document{traceability.TypeRecurrenceSet, recurrence})
	}
	return documents, nil
}

// Limits returns a few limits of the national standards with their clauses, as a
// sample of what all four provinces sign: editions that follow each other, one that
// excludes foods, one that forbids, and a sampling plan.
func Limits() ([]*traceability.Limit, error) {
	return read[[]*traceability.Limit]("limits.json")
}

// Calendars returns the calendars of this folder by year.
func Calendars() (traceability.Calendars, error) {
	documents, err := Documents()
	if err != nil {
		return nil, err
	}
	calendars := make(traceability.Calendars)
	for _, d := range documents {
		if calendar, ok := d.Payload.(*traceability.Calendar); ok {
			calendars[calendar.Year] = calendar
		}
	}
	return calendars, nil
}

func read[T any](name string) (T, error) {
	var value T
	text, err := files.ReadFile(name)
	if err == nil {
		err = json.Unmarshal(text, &value, json.RejectUnknownMembers(true))
	}
	if err != nil {
		return value, fmt.Errorf("reference data: %s: %w", name, err)
	}
	return value, nil
}
