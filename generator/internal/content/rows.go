package content

// Changing rows and cells of a table; see change.go.

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"maps"
	"slices"
	"strings"

	"minxi/generator/internal/diag"
)

// Row is a row of a table, with the places of its cells.
type Row struct {
	Span         // without the line break
	Cells []Cell // as many as the row has
	names []string
}

// Cell is a cell: what it says, and where that is written, with its quotes.
type Cell struct {
	Span
	Text string
}

// Cell is what the row has in a column, without white space around it; "" for none.
func (r Row) Cell(column string) string {
	i := slices.Index(r.names, column)
	if i < 0 || i >= len(r.Cells) {
		return ""
	}
	return strings.TrimSpace(r.Cells[i].Text)
}

// Columns are the names of the table's columns.
func (r Row) Columns() []string { return r.names }

// Rows are the rows of a table after its heading, as far as it can be read.
func (d *Document) Rows() []Row {
	_, rows := d.rows()
	return rows
}

// Heading are the names of a table's columns.
func (d *Document) Heading() []string {
	heading, _ := d.rows()
	return heading.names
}

func (d *Document) rows() (heading Row, rows []Row) {
	skip := len(d.Data) - len(bytes.TrimPrefix(d.Data, []byte(bom)))
	data := d.Data[skip:]
	starts := lineStarts(data)
	r := csv.NewReader(bytes.NewReader(data))
	r.FieldsPerRecord = -1
	for first := true; ; first = false {
		rec, err := r.Read()
		if err != nil {
			return heading, rows // at the end, or where Load tells why
		}
		end := int(r.InputOffset())
		end -= len(data[:end]) - len(bytes.TrimRight(data[:end], "\r\n"))
		row := Row{names: rec}
		for i, text := range rec {
			line, col := r.FieldPos(i)
			at := starts[line-1] + col - 1
			if i > 0 {
				row.Cells[i-1].End = skip + at - len(",")
			}
			row.Cells = append(row.Cells, Cell{Span: Span{skip + at, skip + end}, Text: text})
		}
		row.Span = Span{row.Cells[0].Start, skip + end}
		if first {
			heading = row
			continue
		}
		row.names = heading.names
		rows = append(rows, row)
	}
}

// RowChange is other values for cells of the row that has Key in the table's first
// column, by column. Where there is no such row, one is added behind the row After (the
// name of that column: behind the heading), or at the end. Without Values the row is
// taken out.
type RowChange struct {
	Key    string
	Values map[string]string
	After  string
}

// SetRows changes rows of a table. Cells that stay keep their bytes.
func (d *Document) SetRows(changes ...RowChange) ([]byte, error) {
	heading, rows := d.rows()
	if len(heading.names) == 0 {
		return nil, d.wrong(diag.Pos{Line: 1, Col: 1}, diag.Text("表格没有第一行", "the table has no first row"), restore)
	}
	at := map[string]int{}
	for i, r := range rows {
		at[r.Cell(heading.names[0])] = i
	}
	type splice struct {
		Span
		text string
	}
	var splices []splice
	touched := map[string]bool{}
	for _, c := range changes {
		for _, name := range slices.Sorted(maps.Keys(c.Values)) {
			if !slices.Contains(heading.names, name) {
				return nil, d.wrong(diag.Pos{Line: 1, Col: 1}, diag.Text("第一行没有“%s”列", "the first row has no column “%s”", name),
					diag.Text("第一行是 %s。", "The first row is %s.", strings.Join(heading.names, ",")))
			}
		}
		touched[c.Key], touched[cmp.Or(c.Values[heading.names[0]], c.Key)] = true, true
		i, has := at[c.Key]
		switch {
		case !has && c.Values == nil:
		case c.Values == nil:
			s := rows[i].Span
			if n := bytes.IndexByte(d.Data[s.End:], '\n'); n >= 0 {
				s.End += n + 1
			} else { // the last line, whose break stands before it
				s.Start = len(bytes.TrimRight(d.Data[:s.Start], "\r\n"))
			}
			splices = append(splices, splice{s, ""})
		case !has:
			cells := make([]string, len(heading.names))
			for j, name := range heading.names {
				cells[j] = written(c.Values[name])
			}
			behind := heading
			if len(rows) > 0 {
				behind = rows[len(rows)-1]
			}
			if j, is := at[c.After]; is && c.After != "" {
				behind = rows[j]
			} else if c.After == heading.names[0] {
				behind = heading
			}
			splices = append(splices, splice{Span{behind.End, behind.End}, d.endingAt(behind.Start) + strings.Join(cells, ",")})
		default:
			for j, cell := range rows[i].Cells[:min(len(rows[i].Cells), len(heading.names))] {
				if want, is := c.Values[heading.names[j]]; is && want != strings.TrimSpace(cell.Text) {
					splices = append(splices, splice{cell.Span, written(want)})
				}
			}
		}
	}
	slices.SortStableFunc(splices, func(a, b splice) int { return cmp.Compare(a.Start, b.Start) })
	var out bytes.Buffer
	done := 0
	for _, s := range splices {
		if s.Start < done {
			return nil, d.unsafe(diag.Pos{}) // the same cell twice
		}
		out.Write(d.Data[done:s.Start])
		out.WriteString(s.text)
		done = s.End
	}
	out.Write(d.Data[done:])
	_, now := d.again(out.Bytes()).rows()
	left := func(rows []Row) (list []string) {
		for _, r := range rows {
			if !touched[r.Cell(heading.names[0])] {
				for _, c := range r.Cells {
					list = append(list, c.Text)
				}
				list = append(list, "\n")
			}
		}
		return list
	}
	clear(at)
	for i, r := range now {
		at[r.Cell(heading.names[0])] = i
	}
	for _, c := range changes {
		i, has := at[cmp.Or(c.Values[heading.names[0]], c.Key)]
		if has != (c.Values != nil) {
			return nil, d.unsafe(diag.Pos{})
		}
		for name, value := range c.Values {
			if now[i].Cell(name) != strings.TrimSpace(lines(value)) {
				return nil, d.unsafe(diag.Pos{})
			}
		}
	}
	if !slices.Equal(left(rows), left(now)) {
		return nil, d.unsafe(diag.Pos{})
	}
	return out.Bytes(), nil
}

// written is a text as a cell.
func written(s string) string {
	s = strings.TrimSuffix(string(csvRows([][]string{{s}})), "\n")
	if s == `""` {
		return "" // an empty row, of which this is only a cell
	}
	return s
}
