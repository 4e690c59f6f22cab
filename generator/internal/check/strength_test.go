package check

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"minxi/generator/internal/content"
	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// realReadings gives a function that says, by check, what the judgements find in
// a unit of the real plan when its texts are these.
func realReadings(t testing.TB) func(id plan.ID, zh, en string) (checks map[string]string) {
	fsys := realContent(t)
	tree, _ := content.Load(fsys, "content")
	lex := newLexicon(tree.Plan)
	in := Input{FS: fsys, Tree: tree, shared: &shared{files: func() *files { return &files{} }}}
	return func(id plan.ID, zh, en string) map[string]string {
		said := map[string]string{}
		u := &plan.Unit{ID: id, Text: plan.Text{ZH: zh, EN: en}}
		r := (&reading{unit: u, label: unitLabel(u), text: u.Text}).with(lex)
		for check, judge := range map[string]judgement{
			naming.ID: judgeNames, terms.ID: judgeTerms, numbers.ID: judgeNumbers, strength.ID: judgeStrength,
			negation.ID: judgeNegation, completeness.ID: judgeCompleteness, translationLength.ID: judgeLength,
		} {
			judge(in, r, func(_ diag.Pos, fact, _ plan.Text) { said[check] += fact.EN + "; " })
		}
		return said
	}
}

// wording is a change of the English of a sentence of the plan. zh, where it is
// there, is put in place of the Chinese that it is said of (old→new).
type wording struct {
	id       plan.ID
	old, new string
	zh       string
}

func changed(t *testing.T, units map[plan.ID]*plan.Unit, w wording) (zh, en string) {
	u := units[w.id]
	if u == nil || !strings.Contains(u.Text.EN, w.old) {
		t.Errorf("%s has no %q", w.id, w.old)
		return u.Text.ZH, u.Text.EN
	}
	zh, en = u.Text.ZH, strings.Replace(u.Text.EN, w.old, w.new, 1)
	if from, to, ok := strings.Cut(w.zh, "→"); ok {
		if !strings.Contains(zh, from) {
			t.Fatalf("%s has no %q", w.id, from)
		}
		zh = strings.Replace(zh, from, to, 1)
	}
	return zh, en
}

func realUnits(t testing.TB) map[plan.ID]*plan.Unit {
	tree, _ := content.Load(realContent(t), "content")
	units := map[plan.ID]*plan.Unit{}
	for u := range tree.Plan.Units() {
		units[u.ID] = u
	}
	return units
}

// soundWordings promise what the Chinese promises, in other words.
var soundWordings = []wording{
	{"s3-7", "in seeking UNESCO Global Geopark status", "in working to become a UNESCO Global Geopark", ""},
	{"s3-7", "in seeking UNESCO Global Geopark status", "in its bid to become a UNESCO Global Geopark", ""},
	{"s3-7", "in seeking UNESCO Global Geopark status", "in creating a UNESCO Global Geopark", ""},
	{"s17-7", "in working to become a national", "in becoming a national", ""},
	{"s17-7", "Accelerate the development of", "Speed up the development of", ""},
	{"s11-1", "in working to develop towns", "in building towns", ""},
	{"s4-5", "in carrying out a forestry", "in conducting a forestry", ""},
	{"s4-5", "in exploring the mechanism", "in carrying out exploration of the mechanism", ""},
	{"s4-3", "carry out a pilot", "launch a pilot", ""},
	{"s15-6", "in cooperating with Longyan on", "in conducting cooperation with Longyan on", ""},
	{"s21-6", "in offering green insurance", "in launching green insurance", ""},
	{"s11-6", "Support sustainable development experiments", "Support the launch of sustainable development experiments", ""},
	{"s10-4", "in working to address", "in carrying out work to address", ""},
	{"s4-2", "accelerate efforts to establish", "speed up the establishment of", ""},
	{"s5-1", "Accelerate the green transformation", "Expedite the green transformation", ""},
	{"s14-2", "accelerate the construction of", "speed up work on", ""},
	{"s4-4", "Advance the pilot", "Push forward the pilot", ""},
	{"s17-4", "Advance the development", "Move forward the development", ""},
	{"s14-3", "Advance the construction", "Press ahead with the construction", ""},
	{"s12-3", "Support setting up a Shaxian snacks", "Support the establishment of a Shaxian snacks", ""},
	{"s13-3", "in setting up comprehensive", "in establishing comprehensive", ""},
	{"s8-7", "to set up regional headquarters", "to open regional headquarters", ""},
	{"s6-3", "in building a demonstration base", "in developing a demonstration base", ""},
	{"s9-3", "and a digital industry base", "and in creating a digital industry base", ""},
	{"s1-1", "and create a model for", "and make it into a model for", ""},
	{"s7-2", "and build industrial bases", "and establish industrial bases", ""},
	{"s19-4", "explore the development of", "explore the creation of", ""},
	{"s17-5", "in building a national reserve depot", "in setting up a national reserve depot", ""},
	{"s4-3", "improve the ecological protection compensation mechanism", "refine the ecological protection compensation mechanism", ""},
	{"s22-4", "improve the coordination mechanism", "strengthen the coordination mechanism", ""},
	{"s22-5", "establish and improve citywide", "put in place and strengthen citywide", ""},
	{"s11-2", "Establish and improve a long-term", "Set up and refine a long-term", ""},
	{"s16-3", "Improve the system", "Strengthen the system", ""},
	{"s10-2", "Strengthen the capacity", "Reinforce the capacity", ""},
	{"s3-3", "step up the prevention", "intensify the prevention", ""},
	{"s19-5", "Step up efforts to protect", "Strengthen efforts to protect", ""},
	{"s13-2", "in strengthening cooperation", "in stepping up cooperation", ""},
	{"s3-5", "Increase efforts to protect", "Step up efforts to protect", ""},
	{"s8-2", "Increase efforts to survey", "Scale up efforts to survey", ""},
	{"s4-1", "Disseminate the forest", "Spread the forest", ""},
	{"s3-6", "Implement projects", "Carry out projects", ""},
	{"s17-1", "Promote the standardization of", "Push for the standardization of", ""},
	{"s16-1", "promote the extension of telemedicine", "drive the extension of telemedicine", ""},
	{"s7-3", "cultivate and enhance the core", "foster and raise the core", ""},
	{"s15-7", "Increase the preferential support", "Give more preferential support", ""},
	{"s3-2", "Disseminate the soil erosion", "Share the soil erosion", ""},
	{"s13-6", "Provide guidance to Mingxi County in", "Guide Mingxi County in", ""},
	{"s14-4", "and study a pilot", "and look into a pilot", ""},
	{"s13-2", "Study incorporating", "Consider incorporating", ""},
	{"s21-3", "Study supporting the demonstration zone", "Look into supporting the demonstration zone", ""},
	{"s16-7", "adjusting them at appropriate times", "adjusting them in due course", ""},
	{"s14-2", "in an orderly manner", "in good order", ""},
	{"s21-8", "in advancing reform", "in gradually advancing reform", "推进→逐步推进"},
	{"s21-8", "in advancing reform", "in advancing reform step by step", "推进→逐步推进"},
	{"s4-5", ", support Longyan in carrying out a forestry carbon sink pilot, and support Sanming in", ", Longyan in carrying out a forestry carbon sink pilot, and Sanming in", ""},
	{"s10-6", "Support the development of Sanming as", "Strive to make Sanming", "支持三明→力争把三明建成"},
	{"s21-5", "to take an active part", "and allow them to take an active part", "积极参与→可以积极参与"},
}

// changedStrength promise more or less than the Chinese, or the contrary.
var changedStrength = []wording{
	{"s3-7", "Support Longyan in seeking", "Ensure that Longyan attains", ""},
	{"s3-7", "Support Longyan in seeking", "Encourage Longyan to seek", ""},
	{"s3-7", "Support Longyan in seeking", "Require Longyan to seek", ""},
	{"s3-7", "Support Longyan in seeking", "Do not support Longyan in seeking", ""},
	{"s3-7", "Support Longyan in seeking", "Consider Longyan for seeking", ""},
	{"s13-7", "Encourage overseas Chinese to", "Require overseas Chinese to", ""},
	{"s13-7", "Encourage overseas Chinese to", "Support overseas Chinese to", ""},
	{"s15-4", "Encourage vocational education institutions to", "Vocational education institutions must", ""},
	{"s21-5", "Encourage financial institutions", "Guide financial institutions", ""},
	{"s13-1", "in exploring paired cooperation", "in implementing paired cooperation", ""},
	{"s13-2", "in exploring paired cooperation", "in carrying out paired cooperation", ""},
	{"s11-7", "in exploring ways to jointly build", "in jointly building", ""},
	{"s19-4", "explore the development of", "develop", ""},
	{"s16-2", "in exploring medical insurance", "in adopting medical insurance", ""},
	{"s14-4", "and study a pilot for", "and build a pilot for", ""},
	{"s14-4", "and study a pilot for", "and launch a pilot for", ""},
	{"s14-2", "Study in depth the need for", "Begin at once", ""},
	{"s13-2", "Study incorporating", "Incorporate", ""},
	{"s21-3", "Study supporting", "Support", ""},
	{"s21-7", "in studying and exploring ways to set up", "in setting up", ""},
	{"c1-3", "that support is to be studied for cities", "that support is given to cities", ""},
	{"s3-3", "Promote the construction of", "Complete the construction of", ""},
	{"s4-1", "promote the national", "study the national", ""},
	{"s4-4", "Advance the pilot", "Explore a pilot", ""},
	{"s5-1", "Accelerate the green transformation", "Promote the green transformation", ""},
	{"s7-3", "Accelerate the high-end", "Allow the high-end", ""},
	{"s14-1", "Support Sanming in cultivating and building", "Study", ""},
	{"s8-2", "and guide and spur", "and require", ""},
	{"s8-3", ", on a trial basis, a policy", " a policy", ""},
	{"s16-7", "adjusting them at appropriate times", "adjusting them at once", ""},
	{"s14-4", "advance the construction of general aviation airports in an orderly manner", "advance the construction of general aviation airports", ""},
	{"s22-2", "should, in accordance", "must, in accordance", ""},
	{"s22-2", "should, in accordance", "may, in accordance", ""},
	{"s22-6", "should, together with Fujian Province, organize", "will, together with Fujian Province, organize", ""},
	{"s21-4", "should give priority support", "should consider giving priority support", ""},
	{"s7-1", "and support central state-owned enterprises in locating", "and encourage central state-owned enterprises to locate", ""},
	{"s11-7", "and support central state-owned enterprises in paired cooperation", "and ensure paired cooperation by central state-owned enterprises", ""},
	{"s10-1", "and encourage them to step up", "and support them in stepping up", ""},
	{"s10-5", "where conditions permit, ", "", ""},
	{"s12-3", "and support the inclusion of Shaxian snacks", "and secure the inclusion of Shaxian snacks", ""},
	{"s13-5", "Support Sanming in working to become a cross-Strait", "Do not support Sanming in working to become a cross-Strait", ""},
	{"s10-5", "Support public sports facilities, where conditions permit, in opening", "Open public sports facilities, where conditions permit,", ""},
	{"s21-4", "should give priority support", "should not give priority support", ""},
	{"s5-2", "Promote the building", "Do not promote the building", ""},
	{"s3-6", "Implement projects", "Do not implement projects", ""},
	{"s10-5", "Support public sports facilities", "Do not support public sports facilities", ""},
	{"s21-8", "in advancing reform", "in advancing reform", "推进→逐步推进"},
	{"s10-6", "Support the development of Sanming", "Develop Sanming", "支持三明→力争把三明建成"},
	{"s10-6", "Support the development of Sanming", "Make sure to develop Sanming", "支持三明→力争把三明建成"},
	{"s21-5", "to take an active part", "and they must take an active part", "积极参与→可以积极参与"},
	{"s21-5", "to take an active part", "to take an active part", "积极参与→可以积极参与"},
	{"s22-5", "and ensure solid", "and strive for solid", ""},
	{"s17-7", "support Longyan in working to become a national", "Longyan has become a national", ""},
	{"s21-2", "Give preferential support", "Do not give preferential support", ""},
	{"s13-4", "Support Longyan in taking part", "Refuse to support Longyan in taking part", ""},
	{"s21-4", "are not breached", "are breached", ""},
	{"s13-4", "Support Longyan in taking part", "Support Longyan in taking part", "支持→不支持"},
}

func TestStrengthOfWordings(t *testing.T) {
	judge, units := realReadings(t), realUnits(t)
	for _, w := range soundWordings {
		zh, en := changed(t, units, w)
		if said := judge(w.id, zh, en); len(said) > 0 {
			t.Errorf("%s, sound: %s\n%v", w.id, w.new, said)
		}
	}
	for _, w := range changedStrength {
		zh, en := changed(t, units, w)
		if said := judge(w.id, zh, en); said["strength"] == "" && said["negation"] == "" {
			t.Errorf("%s, passes: %s\n%v", w.id, w.new, said)
		}
	}
	if len(soundWordings) < 30 || len(changedStrength) < 30 {
		t.Errorf("%d sound wordings, %d changes", len(soundWordings), len(changedStrength))
	}
}

// TestJudgementsAreLinear would take minutes if each mention looked at all others.
func TestJudgementsAreLinear(t *testing.T) {
	judge := realReadings(t)
	for _, one := range []plan.Text{
		{ZH: "支持龙岩、三明", EN: "support Longyan, Sanming, and "},
		{ZH: "不支持", EN: "do not support "},
		{ZH: "研究，", EN: "turn the Longyang "},
	} {
		judge("s3-7", strings.Repeat(one.ZH, 20_000), strings.Repeat(one.EN, 20_000))
	}
}

// TestVerbs holds what readers are told against the translation: in every measure with
// a verb, the English that the page of verbs gives for it stands.
func TestVerbs(t *testing.T) {
	dir, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	tree, _ := content.Load(os.DirFS(dir), "content")
	uses := tree.Plan.VerbUses()
	for _, r := range read(Input{FS: os.DirFS(dir), Tree: tree}) {
		for _, v := range plan.Verbs {
			if r.unit == nil || !slices.Contains(uses[v.ID], r.unit.ID) {
				continue
			}
			x, says := newRendering(v.English(), nil), false
			for i := range r.words {
				says = says || r.owner[i] == nil && x.at(r.words[i:]) > 0
			}
			if !says {
				t.Errorf("%s has %s, and its English no “%s”", r.unit.ID, v.ZH, v.English())
			}
		}
	}
	for _, v := range plan.Verbs {
		if len(uses[v.ID]) == 0 || v.English() == "" {
			t.Errorf("%s (%s) stands in no measure", v.ZH, v.English())
		}
	}
	// Counted by hand: 要 as a verb, and 研究 outside of institutes.
	for id, want := range map[string][]plan.ID{
		"should": {"s21-4", "s22-2", "s22-4", "s22-5", "s22-6"},
		"study":  {"s13-2", "s14-2", "s14-4", "s19-3", "s21-3", "s21-7"},
		"ensure": {"s22-5"},
	} {
		if !slices.Equal(uses[id], want) {
			t.Errorf("%s stands in %v, want %v", id, uses[id], want)
		}
	}
}
