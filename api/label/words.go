package label

import "deltatrace/traceability"

// words are the captions of a label in one language.
type words struct {
	lang     string // BCP 47, for readers of the PDF
	title    string
	batch    string
	producer string
	scan     string
	dates    map[traceability.DateKind]string
}

// wordsIn finds the words of a language; "" is Chinese.
func wordsIn(lang string) (words, error) {
	switch lang {
	case "", "zh":
		return words{
			lang: "zh-CN", title: "食品追溯二维码标签", batch: "批号", producer: "生产者", scan: "扫码查看检验结果与来源",
			dates: map[traceability.DateKind]string{
				"":                           "日期",
				traceability.DateProduction:  "生产日期",
				traceability.DateProcessing:  "加工日期",
				traceability.DatePurchase:    "购进日期",
				traceability.DateQuarantine:  "检疫日期",
				traceability.DateDisinfected: "消毒日期",
				traceability.DateHarvest:     "采收日期",
				traceability.DateOther:       "日期",
			},
		}, nil
	case "en":
		return words{
			lang: "en", title: "Food traceability QR labels", batch: "Batch", producer: "Producer", scan: "Scan for test results and origin",
			dates: map[traceability.DateKind]string{
				"":                           "Date",
				traceability.DateProduction:  "Produced",
				traceability.DateProcessing:  "Processed",
				traceability.DatePurchase:    "Purchased",
				traceability.DateQuarantine:  "Quarantined",
				traceability.DateDisinfected: "Disinfected",
				traceability.DateHarvest:     "Harvested",
				traceability.DateOther:       "Date",
			},
		}, nil
	}
	return words{}, traceability.Invalid("lang", lang, "zh | en")
}
