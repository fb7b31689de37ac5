package traceability

import "sync"

// Remedy says in one sentence, in Chinese and English, what a platform does about a
// violation. Both are empty for a code that is not in the table of violations.
func (v ViolationCode) Remedy() (zh, en string) {
	words := remedies()[v]
	return words[0], words[1]
}

// remedies is what to do, by code (SAMR Order 123: no service until the page agrees
// with the regulators' data; what the page must show beside it is to be mended).
var remedies = sync.OnceValue(func() map[ViolationCode][2]string {
	return map[ViolationCode][2]string{
		ViolationNotShown:          {"暂停接单，要求店铺公示许可证后再恢复。", "Stop taking orders until the shop shows its licence."},
		ViolationForged:            {"停止服务并下架，向店铺所在地市场监管部门报告假证。", "Stop serving the shop, take it down, and report the forged licence to its regulator."},
		ViolationNoLicence:         {"停止服务，要求店铺提供登记在册的许可证；编号录入有误的予以更正。", "Stop serving the shop until it shows a licence that is in the register; correct the number if it was mistyped."},
		ViolationBorrowed:          {"停止服务，要求店铺公示本店自己的许可证。", "Stop serving the shop until it shows a licence of its own."},
		ViolationNotYetValid:       {"在许可证生效之日前不提供服务。", "Do not serve the shop before the day its licence begins."},
		ViolationExpired:           {"停止服务，待店铺换发许可证并更新公示后再恢复。", "Stop serving the shop until its licence is renewed and the page shows the new one."},
		ViolationSuspended:         {"停止服务，待监管部门准许恢复经营。", "Stop serving the shop until its regulator lets it trade again."},
		ViolationRevoked:           {"停止服务并下架店铺。", "Stop serving the shop and take it down."},
		ViolationRestricted:        {"停止服务；惩戒解除或期满并重新核验后再恢复。", "Stop serving the shop until the joint measure ends and it was verified again."},
		ViolationOutOfScope:        {"下架许可项目以外的食品，或要求店铺先办理增项。", "Take down what the licence does not cover, or have the shop extend it first."},
		ViolationAddressMismatch:   {"停止服务，核实实际经营地址后更正页面，或要求店铺变更许可证。", "Stop serving the shop; find out where it trades, then correct the page or have the licence changed."},
		ViolationNoPremises:        {"停止服务并下架店铺。", "Stop serving the shop and take it down."},
		ViolationAddressIncomplete: {"按许可证补全页面上的路名、村名或门牌号。", "Add the road, village or number of the licensed premises to the page."},
		ViolationNameMismatch:      {"按许可证更正页面上的店铺名称。", "Correct the name on the page to the licensed one."},
		ViolationDuplicateUse:      {"核实使用同一许可证的其他店铺，非本经营场所的停止服务。", "Check the other shops that show the licence; stop serving those that are not at its premises."},
		ViolationStale:             {"重新核验该店铺，并提交核验记录。", "Verify the shop again and put the verification on record."},
		ViolationNoGrade:           {"按登记公示现行的量化分级。", "Show the grade that the register has."},
		ViolationNoDineInLabel:     {"在页面上标注“无堂食”。", "Label the page as delivery-only."},
		ViolationCameraFalse:       {"撤下“明厨亮灶”标识，接入实际视频后再标注。", "Take the open-kitchen label down until there is a camera."},
		ViolationNotCovered:        {"向发证省份的登记系统核验，并留存凭证。", "Verify the licence with the province that issued it, and keep the proof."},
	}
})
