package storetest

import (
	"fmt"
	"strings"
	"sync"

	"deltatrace/traceability"
)

// What names and addresses are made of.
var (
	families = strings.Fields("王 李 张 刘 陈 杨 赵 黄 周 吴 徐 孙 胡 朱 高 林 何 郭 马 罗 梁 宋 郑 谢 韩 唐 冯 于 董 萧 程 曹 袁 邓 许 傅 沈 曾 彭 吕")
	givens   = strings.Fields("记 家 氏 阿姨 老灶 小厨 大叔 食堂 一品 百味 福满 江南 外婆 巷口 老街 码头")
	dishes   = strings.Fields("面馆 小笼 生煎 馄饨店 牛肉汤 黄焖鸡 麻辣烫 烧烤 酸菜鱼 盖浇饭 鸭血粉丝 快餐店 私房菜 火锅 米线 饺子馆 煲仔饭 奶茶 咖啡 粥铺 炸鸡 面包房 早餐铺 徽菜馆")
	roads    = strings.Fields("人民路 解放路 中山北路 中山东路 建设路 文化路 和平街 长江路 黄河路 淮海路 新华路 胜利路 学府路 滨江大道 凤凰大街 朝阳路 育才路 迎宾大道 南湖路 西湖大道 东方红大街 青年路 工农路 环城东路 环城西路 振兴街 幸福里 古镇路 创新大道 科技路 望江路 紫金山路 梅园路 桃花坞路 虹桥路 延安西路 翠微路 莲花路 清风巷 桂花弄")
)

// registerDivisions are the districts and counties of the four provinces in which
// licences are issued.
var registerDivisions = sync.OnceValue(func() []traceability.DivisionCode {
	var list []traceability.DivisionCode
	for n := range 1_000_000 - 310_000 {
		code := traceability.DivisionCode(fmt.Sprint(310_000 + n))
		if code >= "350000" {
			break
		}
		if code.Official() && code[4:] != "00" {
			list = append(list, code)
		}
	}
	return list
})

// inventJY returns the number of a caterer's licence with the right check digit.
func inventJY(division traceability.DivisionCode, serial int) traceability.LicenceID {
	digits := fmt.Sprintf("2%s%06d", division, serial%1_000_000)
	p := 10
	for _, d := range digits { // GB/T 17710, MOD 11,10
		if p = (p + int(d-'0')) % 10; p == 0 {
			p = 10
		}
		p = p * 2 % 11
	}
	return traceability.LicenceID(fmt.Sprintf("JY%s%d", digits, (11-p)%10))
}

// inventUSCC returns the number of a business with right check characters: kind 91
// is a company, 92 an individual business.
func inventUSCC(kind string, division traceability.DivisionCode, n int) traceability.USCC {
	const alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
	organisation := fmt.Sprintf("MA%06d", n%1_000_000)
	sum := 0
	for i, weight := range []int{3, 7, 9, 10, 5, 8, 4, 2} { // GB 11714
		c := organisation[i]
		if c >= 'A' {
			sum += int(c-'A'+10) * weight
		} else {
			sum += int(c-'0') * weight
		}
	}
	body := kind + string(division) + organisation + string("0X987654321"[sum%11])
	sum = 0
	for i, weight := 0, 1; i < len(body); i, weight = i+1, weight*3%31 { // GB 32100
		sum += strings.IndexByte(alphabet, body[i]) * weight
	}
	return traceability.USCC(body + string(alphabet[(31-sum%31)%31]))
}

// colloquial writes an address as shops do: some in full, some without province or
// city, some with other words for the same.
func colloquial(address string, n int) string {
	switch n % 4 {
	case 1: // without the province or municipality
		if _, rest, ok := strings.Cut(address, "省"); ok {
			return rest
		}
		return strings.TrimPrefix(address, "上海市")
	case 2:
		return strings.NewReplacer("幢", "栋", "层", "楼").Replace(address)
	case 3:
		return strings.NewReplacer("号", " 号 ", "室", "").Replace(address)
	}
	return address
}
