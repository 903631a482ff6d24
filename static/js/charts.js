// Draws the charts of the statistics with ECharts:
// <div data-chart="bars|columns|timeline" data-heads data-rows data-drawn data-today>. The rows are those of the table below
// it; nothing is reckoned here. Tooltips are drawn instead of being HTML, as our policy against foreign styles wants it.
"use strict";

(() => {
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const SERIES = ["--go", "--wait-mark", "--info", "--done", "--stop"];
  const PAPER = 620; // pixels: the width of a drawing on A4
  const most = () => (innerWidth < 600 ? 7 : 14); // characters of a label beside a bar

  const short = (text) => (text.length > most() ? `${text.slice(0, most() - 1)}…` : text);

  function common(heads, drawn, width, room = 0) {
    const named = heads.slice(1, 1 + drawn);
    const wide = named.reduce((sum, name) => sum + 50 + 13 * name.length, 0); // pixels of what stands above the drawing
    const lines = drawn > 1 ? Math.ceil(wide / width) : 0;
    return {
      animation: false,
      color: SERIES.map(colour),
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: colour("--ink") },
      legend: { show: drawn > 1, top: 0, data: named },
      tooltip: { trigger: "axis", renderMode: "richText", axisPointer: { type: "shadow" } },
      grid: { left: 8, right: 40, top: 12 + 24 * lines + room, bottom: 8, containLabel: true },
    };
  }

  function bars(heads, rows, drawn, upright, width) {
    const beside = upright && drawn > 1; // figures of neighbours would run into each other: they stand on end
    const names = { type: "category", data: rows.map((row) => row[0]), inverse: !upright, axisTick: { show: false } };
    if (!upright) names.axisLabel = { formatter: short };
    const lines = { lineStyle: { color: colour("--line-soft") } };
    const values = { type: "value", minInterval: upright ? 0 : 1, splitLine: lines, axisLabel: { hideOverlap: true } };
    const series = heads.slice(1, 1 + drawn).map((name, place) => ({
      name,
      type: "bar",
      barMaxWidth: 22,
      label: {
        show: true,
        position: upright ? "top" : "right",
        color: colour("--ink-soft"),
        ...(beside ? { rotate: 90, align: "left", verticalAlign: "middle" } : {}),
      },
      data: rows.map((row) => row[1 + place]),
    }));
    const axes = upright ? { xAxis: names, yAxis: values } : { xAxis: values, yAxis: names };
    return { ...common(heads, drawn, width, beside ? 36 : 0), ...axes, series };
  }

  function timeline(heads, rows, today) {
    const names = [...new Set(rows.map((row) => row[0]))];
    return {
      ...common(heads, 1, PAPER),
      tooltip: {
        trigger: "item",
        renderMode: "richText",
        formatter: (point) => (point.data.length > 2 ? `${point.data[1]}\n${point.data[0]} ${point.data[2]}` : ""),
      },
      grid: { left: 8, right: 40, top: 28, bottom: 8, containLabel: true },
      xAxis: { type: "time", axisLabel: { hideOverlap: true }, splitLine: { show: true, lineStyle: { color: colour("--line-soft") } } },
      yAxis: { type: "category", data: names, inverse: true, axisLabel: { formatter: short } },
      series: [
        {
          type: "scatter",
          symbolSize: 11,
          data: rows.map((row) => [row[1], row[0], row[2]]),
          markLine: {
            symbol: "none",
            silent: true,
            lineStyle: { color: colour("--stop"), type: "solid" },
            label: { formatter: "今天", position: "start" },
            data: [{ xAxis: today }],
          },
        },
      ],
    };
  }

  for (const box of document.querySelectorAll("[data-chart]")) {
    const { chart, heads, rows, drawn, today } = box.dataset;
    const table = JSON.parse(rows);
    const lines = chart === "timeline" ? new Set(table.map((row) => row[0])).size : table.length * (1 + Number(drawn)) * 0.6;
    box.style.height = chart === "columns" ? "18rem" : `${Math.max(8, 4 + lines * 1.6)}rem`;
    const picture = echarts.init(box, null, { renderer: "canvas" });
    picture.setOption(
      chart === "timeline"
        ? timeline(JSON.parse(heads), table, today)
        : bars(JSON.parse(heads), table, Number(drawn), chart === "columns", Math.min(box.clientWidth, PAPER)),
    );
    const data = box.parentElement.querySelector("details");
    data.open = false; // below the drawing they are looked up; on paper they are wanted
    addEventListener("resize", () => picture.resize());
    const drawAt = (width) => {
      picture.resize({ width });
      picture.getZr().flush(); // now, not in the next frame: the page is being printed
    };
    addEventListener("beforeprint", () => {
      data.open = true;
      drawAt(PAPER);
    });
    addEventListener("afterprint", () => {
      data.open = false;
      drawAt("auto");
    });
  }
})();
