package demo

import (
	"deltatrace/traceability"
)

// The parties of the demonstration.
const (
	labShanghai traceability.PartyID = "lab:230901340001"
	labJiangsu  traceability.PartyID = "lab:231001340002"
	labZhejiang traceability.PartyID = "lab:231101340003"
	labAnhui    traceability.PartyID = "lab:231201340004"

	cucumberFarm   traceability.PartyID = "op:93330424MA1FPX121R"
	strawberryFarm traceability.PartyID = "op:92340121MA1FPX535A"
	pickleFactory  traceability.PartyID = "op:91330106MA1FPX121E"
	dairy          traceability.PartyID = "op:91320106MA1FPX121A"
	bakery         traceability.PartyID = "op:91340104MA1FPX64XT"
	wholesaler     traceability.PartyID = "op:91310115MA1FPX201T"
	supermarket    traceability.PartyID = "op:91310101MA1FPX121X"
	restaurant     traceability.PartyID = "op:91310104MA1FPX3163"
	platform       traceability.PartyID = "plat:91310105MA1FPX420M"
	platformLocal  traceability.PartyID = "plat:91330106MA1FPX885Q"
)

// admissions lists whom each province admits, with the laboratories' scopes.
func admissions() map[traceability.ProvinceCode][]traceability.Admission {
	return map[traceability.ProvinceCode][]traceability.Admission{
		traceability.Shanghai: {
			{Party: labShanghai, Name: "上海示例食品检测中心", NameEN: "Shanghai Example Food Testing Centre", Division: "310104", CNAS: "CNAS L90001", ValidTo: "2031-12-31", Scope: pesticides()},
			{Party: wholesaler, Name: "上海示例农产品批发有限公司", NameEN: "Shanghai Example Produce Wholesale", Division: "310115", Address: "上海市浦东新区示例路100号", Stage: traceability.StageDistribution},
			{Party: supermarket, Name: "上海示例超市有限公司", NameEN: "Shanghai Example Supermarket", Division: "310101", Address: "上海市黄浦区示例路200号", Stage: traceability.StageDistribution},
			{Party: restaurant, Name: "上海示例餐饮管理有限公司", NameEN: "Shanghai Example Restaurant", Division: "310104", Address: "上海市徐汇区示例路300号", Stage: traceability.StageCatering},
			{Party: platform, Name: "上海示例外卖平台有限公司", NameEN: "Example Delivery Platform", Division: "310105"},
		},
		traceability.Jiangsu: {
			{Party: labJiangsu, Name: "江苏示例产品质量检验研究院", NameEN: "Jiangsu Example Product Quality Institute", Division: "320106", CNAS: "CNAS L90002", ValidTo: "2031-12-31", Scope: dairyTests()},
			{Party: dairy, Name: "南京示例乳业有限公司", NameEN: "Nanjing Example Dairy", Division: "320106", Address: "江苏省南京市鼓楼区示例路88号", Stage: traceability.StageProduction},
		},
		traceability.Zhejiang: {
			{Party: labZhejiang, Name: "浙江示例食品药品检验研究院", NameEN: "Zhejiang Example Food and Drug Institute", Division: "330106", CNAS: "CNAS L90003", ValidTo: "2031-12-31", Scope: append(pesticides(), additives()...)},
			{Party: cucumberFarm, Name: "海盐示例蔬菜专业合作社", NameEN: "Haiyan Example Vegetable Cooperative", Division: "330424", Address: "浙江省嘉兴市海盐县示例镇", Stage: traceability.StageFarm},
			{Party: platformLocal, Name: "杭州示例到家科技有限公司", NameEN: "Example At Home", Division: "330106"},
			{Party: pickleFactory, Name: "杭州示例酱菜有限公司", NameEN: "Hangzhou Example Pickles", Division: "330106", Address: "浙江省杭州市西湖区示例路6号", Stage: traceability.StageProduction},
		},
		traceability.Anhui: {
			{Party: labAnhui, Name: "安徽示例检验检测有限公司", NameEN: "Anhui Example Testing", Division: "340104", ValidTo: "2031-12-31", Scope: append(pesticides(), additives()...)},
			{Party: strawberryFarm, Name: "长丰示例草莓家庭农场", NameEN: "Changfeng Example Strawberry Farm", Division: "340121", Address: "安徽省合肥市长丰县示例镇", Stage: traceability.StageFarm},
			{Party: bakery, Name: "合肥示例糕点有限公司", NameEN: "Hefei Example Bakery", Division: "340104", Address: "安徽省合肥市蜀山区示例路9号", Stage: traceability.StageProduction},
		},
	}
}

func pesticides() []traceability.Capability {
	return []traceability.Capability{
		{Parameter: "*", Method: "GB 23200.121-2021"},
		{Parameter: "*", Method: "GB 23200.113-2018"},
	}
}

func additives() []traceability.Capability {
	return []traceability.Capability{
		{Parameter: "*", Method: "GB 5009.28-2016"},
		{Parameter: "*", Method: "GB 5009.121-2016"},
		{Parameter: "*", Method: "GB 5009.12-2023"},
		{Parameter: "*", Method: "GB 5009.33-2016"},
		{Parameter: "*", Method: "GB 4789.2-2022"},
		{Parameter: "*", Method: "GB 4789.3-2016"},
	}
}

// dairyTests leaves out the moulds' method, so that one item of the dairy's
// report is outside the laboratory's scope, as happens.
func dairyTests() []traceability.Capability {
	return []traceability.Capability{
		{Parameter: "*", Method: "GB 5009.5-2016"},
		{Parameter: "*", Method: "GB 5009.6-2016"},
		{Parameter: "*", Method: "GB 5009.239-2016"},
		{Parameter: "*", Method: "GB 5009.12-2023"},
		{Parameter: "*", Method: "GB 5009.24-2016"},
		{Parameter: "*", Method: "GB 4789.3-2016"},
		{Parameter: "*", Method: "GB 4789.4-2024"},
	}
}
