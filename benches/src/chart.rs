//! The results as a picture: bars of the ratio to the baseline, on a logarithmic scale.
//!
//! Written by hand, because no chart crate follows the reader's light or dark theme.

use core::fmt::Write as _;

use crate::case::{Case, End, Length, Output};
use crate::results::{Results, Row};
use crate::table::{absent, ratio};

const WIDTH: f64 = 1000.0;
const MARGIN: f64 = 24.0;
/// Room for the names of the contestants, and for the figures at the ends of the bars.
const LABELS: f64 = 264.0;
const FIGURES: f64 = 44.0;
const GAP: f64 = 28.0;
const TOP: f64 = 124.0;
/// The heights of the bars, one for each output, and from one contestant to the next.
const BAR: f64 = 10.0;
const PITCH: f64 = 29.0;
const PANEL_HEAD: f64 = 26.0;
const PANEL_FOOT: f64 = 44.0;

/// The ratios at the two ends of the scale.
const LEAST: f64 = 0.4;
const MOST: f64 = 10_000.0;
const TICKS: [(f64, &str); 5] = [
    (1.0, "1 ×"),
    (10.0, "10 ×"),
    (100.0, "100 ×"),
    (1_000.0, "1,000 ×"),
    (10_000.0, "10,000 ×"),
];

const TITLE: &str = "Time of a run in memory, as a multiple of the same by hand";

const STYLE: &str = "
  .ground { fill: #ffffff }
  text { fill: #1f2328; font-family: system-ui, 'Segoe UI', Helvetica, Arial, sans-serif; font-size: 12px }
  .title { font-size: 17px; font-weight: 600 } .head { font-weight: 600 }
  .faint { fill: #59636e; font-size: 11px } .figure { font-size: 10px }
  .end { text-anchor: end } .middle { text-anchor: middle }
  .grid { stroke: #d1d9e0 } .one { stroke: #59636e; stroke-width: 1.5 }
  .ours-number { fill: #0969da } .ours-block { fill: #79b0ee }
  .other-number { fill: #6e7781 } .other-block { fill: #b4bcc5 }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #0d1117 } text { fill: #f0f6fc } .faint { fill: #9198a1 }
    .grid { stroke: #30363d } .one { stroke: #9198a1 }
    .ours-number { fill: #58a6ff } .ours-block { fill: #2b5c97 }
    .other-number { fill: #9198a1 } .other-block { fill: #4d555e }
  }
";

/// The picture as SVG: a panel for each length and end, in it two bars for each contestant.
#[must_use]
pub fn svg(results: &Results) -> String {
    let rows: Vec<Row> = Row::all().filter(|row| !row.is_baseline()).collect();
    #[expect(clippy::cast_precision_loss, reason = "there are seven")]
    let panel = PANEL_HEAD + PITCH * rows.len() as f64 + PANEL_FOOT;
    let height = TOP + panel * 3.0;
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" \
         height=\"{height}\" role=\"img\" aria-labelledby=\"title\">\n\
         <title id=\"title\">{TITLE}</title>\n\
         <style>{STYLE}</style>\n\
         <rect class=\"ground\" width=\"{WIDTH}\" height=\"{height}\"/>\n\
         <text class=\"title\" x=\"{MARGIN}\" y=\"34\">{TITLE}</text>\n\
         <text class=\"faint\" x=\"{MARGIN}\" y=\"55\">Steps that do nothing. 1 × is a nested match with \
         panics caught. Logarithmic scale, shorter is better.</text>\n\
         <text class=\"faint\" x=\"{MARGIN}\" y=\"72\">{}</text>\n",
        escaped(&results.machine.to_string())
    );
    legend(&mut text);
    let mut top = TOP;
    for length in Length::ALL {
        for end in End::ALL {
            Panel::new(end, top).draw(&mut text, results, &rows, length);
        }
        top += panel;
    }
    text.push_str("</svg>\n");
    text
}

fn legend(text: &mut String) {
    let mut x = MARGIN;
    for output in Output::ALL {
        let kind = kind(output);
        let name = output.name().replace('`', "");
        let _ = writeln!(
            text,
            "<rect class=\"ours-{kind}\" x=\"{x}\" y=\"84\" width=\"12\" height=\"{BAR}\"/>\
             <rect class=\"other-{kind}\" x=\"{}\" y=\"84\" width=\"12\" height=\"{BAR}\"/>\
             <text class=\"faint\" x=\"{}\" y=\"93\">each step gives {name}</text>",
            x + 14.0,
            x + 32.0
        );
        x += 160.0;
    }
}

const fn kind(output: Output) -> &'static str {
    match output {
        Output::Number => "number",
        Output::Block => "block",
    }
}

/// The position of the bars for one end of the saga.
struct Panel {
    end: End,
    left: f64,
    width: f64,
    top: f64,
}

impl Panel {
    fn new(end: End, top: f64) -> Self {
        let width = (WIDTH - 2.0 * MARGIN - LABELS - GAP) / 2.0 - FIGURES;
        let left = match end {
            End::Success => MARGIN + LABELS,
            End::Failure => MARGIN + LABELS + width + FIGURES + GAP,
        };
        Self {
            end,
            left,
            width,
            top,
        }
    }

    /// The position of this ratio on the scale.
    fn x(&self, ratio: f64) -> f64 {
        let part = (ratio.clamp(LEAST, MOST) / LEAST).log10() / (MOST / LEAST).log10();
        self.left + part * self.width
    }

    fn draw(&self, text: &mut String, results: &Results, rows: &[Row], length: Length) {
        let at_the_last = match self.end {
            End::Success => "",
            End::Failure => " at the last",
        };
        let (x, y, steps) = (self.left, self.top + 12.0, length.steps());
        let _ = writeln!(
            text,
            "<text class=\"head\" x=\"{x:.1}\" y=\"{y:.1}\">{steps} steps, {}{at_the_last}</text>",
            self.end.name()
        );
        let from = self.top + PANEL_HEAD;
        #[expect(clippy::cast_precision_loss, reason = "there are seven")]
        let to = from + PITCH * rows.len() as f64;
        self.scale(text, from - 4.0, to - 4.0);
        let mut y = from;
        for row in rows {
            if self.end == End::Success {
                let _ = writeln!(
                    text,
                    "<text class=\"end\" x=\"{:.1}\" y=\"{:.1}\">{}</text>",
                    self.left - 12.0,
                    y + BAR + 4.0,
                    escaped(row.label())
                );
            }
            for (output, y) in Output::ALL.into_iter().zip([y, y + BAR + 1.0]) {
                let case = Case {
                    output,
                    length,
                    end: self.end,
                };
                self.bar(text, results, *row, case, y);
            }
            y += PITCH;
        }
    }

    fn scale(&self, text: &mut String, from: f64, to: f64) {
        for (tick, label) in TICKS {
            let class = if tick > 1.0 { "grid" } else { "one" };
            let x = self.x(tick);
            let _ = writeln!(
                text,
                "<line class=\"{class}\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{from:.1}\" y2=\"{to:.1}\"/>\
                 <text class=\"faint middle\" x=\"{x:.1}\" y=\"{:.1}\">{label}</text>",
                to + 14.0
            );
        }
    }

    fn bar(&self, text: &mut String, results: &Results, row: Row, case: Case, y: f64) {
        let (end, shown) = match results.figure(row, case) {
            Some(figure) => {
                let (from, to) = (self.x(figure.ratio.min(1.0)), self.x(figure.ratio.max(1.0)));
                let whose = if row.is_ours() { "ours" } else { "other" };
                let _ = writeln!(
                    text,
                    "<rect class=\"{whose}-{}\" x=\"{from:.1}\" y=\"{y:.1}\" width=\"{:.1}\" \
                     height=\"{BAR}\"/>",
                    kind(case.output),
                    (to - from).max(1.0)
                );
                (to, ratio(figure.ratio))
            }
            None => (self.x(1.0), absent(results, row).to_owned()),
        };
        let _ = writeln!(
            text,
            "<text class=\"figure\" x=\"{:.1}\" y=\"{:.1}\">{shown}</text>",
            end + 5.0,
            y + BAR - 1.5
        );
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}
