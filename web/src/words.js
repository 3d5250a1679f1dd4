// Every word of the page in Vietnamese and English, and the Vietnamese way to write numbers and dates.

const WORDS = {
  skip: ["Tới ô tìm kiếm", "Skip to search"],
  search: ["Tìm xã, thôn, huyện, mã...", "Find commune, village, code..."],
  searchNone: ["Không tìm thấy", "Nothing found"],
  searchCount: ["{n} kết quả", "{n} results"],
  print: ["In", "Print"],
  fullscreen: ["Toàn màn hình", "Full screen"],
  language: ["Xem bằng tiếng Anh", "View in Vietnamese"],
  home: ["Xem toàn tỉnh", "Whole province"],
  measure: ["Đo khoảng cách, diện tích", "Measure distance and area"],
  measureHint: ["Bấm lên bản đồ để thêm điểm.", "Click the map to add points."],
  measureKeys: ["Bàn phím: phím mũi tên di chuyển, Enter thêm điểm ở giữa bản đồ, Backspace bỏ điểm cuối, Esc đóng.", "Keyboard: arrows move, Enter adds a point at the middle of the map, Backspace takes the last one back, Esc closes."],
  measurePoints: ["{n} điểm", "{n} points"],
  measureLength: ["Chiều dài", "Length"],
  measureLast: ["Đoạn cuối", "Last part"],
  measureArea: ["Diện tích (khép kín)", "Area (closed)"],
  measureAround: ["Chu vi", "Perimeter"],
  measureUndo: ["Bỏ điểm cuối", "Undo"],
  measureClear: ["Xoá hết", "Clear"],
  locate: ["Vị trí của tôi", "Where am I"],
  locateWait: ["Đang chờ trình duyệt xác định vị trí...", "Waiting for the browser's position..."],
  locateSure: ["chính xác khoảng ±{n}", "accurate to about ±{n}"],
  locateOutside: ["Vị trí nằm ngoài bản đồ {name};", "The place is outside the map of {name};"],
  locateRefused: ["Trình duyệt không cho trang này xem vị trí. Cho phép trong mục quyền của trang (biểu tượng cạnh thanh địa chỉ), rồi bấm lại. Một số trình duyệt không cho phép đối với tệp mở từ đĩa.", "The browser does not let this page see the position. Allow it in the permissions of the page (sign beside the address), then press again. Some browsers never allow it for a file on a disk."],
  locateNone: ["Máy này hiện không xác định được vị trí.", "This device cannot tell its position now."],
  locateLate: ["Chờ quá lâu mà chưa có vị trí. Ra chỗ thoáng rồi bấm lại.", "No position within the time. Try again under the open sky."],
  locatePrivate: ["Trang này chỉ hiện vị trí trên máy của bạn và không gửi đi đâu.", "This page only shows the position on your device and sends it nowhere."],
  paperTitle: ["In bản đồ đang xem", "Print the map in view"],
  paperSize: ["Khổ giấy", "Paper"],
  landscape: ["ngang", "landscape"],
  portrait: ["dọc", "portrait"],
  paperNote: ["Trong hộp in của trình duyệt: tỷ lệ 100%, lề mặc định, đúng khổ giấy đã chọn.", "In the browser's print window: scale 100%, default margins, the paper chosen here."],
  ratio: ["Tỷ lệ khoảng 1:{n}", "Scale about 1:{n}"],
  printedOn: ["in ngày {date}", "printed {date}"],
  north: ["B", "N"],
  zoomIn: ["Phóng to", "Zoom in"],
  zoomOut: ["Thu nhỏ", "Zoom out"],
  mapLabel: ["Bản đồ kết quả nông thôn mới theo xã", "Map of communes by NTM status"],
  panels: ["Các bảng thông tin", "Panels"],
  tabLegend: ["Chú giải", "Legend"],
  tabDetails: ["Chi tiết", "Details"],
  tabTable: ["Bảng", "Table"],
  legendHint: ["Bấm để lọc trên bản đồ và trong bảng", "Click to filter map and table"],
  all: ["Bỏ lọc", "Clear filter"],
  cumulative: ["Đạt chuẩn trở lên: {share}", "Standard or higher: {share}"],
  cumulativeAtLeast: ["Đạt chuẩn trở lên: ít nhất {share}", "Standard or higher: at least {share}"],
  atLeast: ["ít nhất {share}", "at least {share}"],
  ofThem: ["trong đó {list}", "of them {list}"],
  ofAdvanced: ["{n} nâng cao", "{n} advanced"],
  ofModel: ["{n} kiểu mẫu", "{n} model"],
  silent: ["{n} xã chưa có số liệu", "{n} communes not reported"],
  pattern: ["Hoa văn cho bản in đen trắng", "Patterns for black-and-white print"],
  layers: ["Lớp dữ liệu", "Layers"],
  outlineProvince: ["Tỉnh", "Province"],
  outlineCommune: ["Xã, phường, thị trấn", "Communes, wards, townships"],
  outlineDistrict: ["Huyện, thành phố", "Districts, city"],
  tableNone: ["Không có đơn vị nào khớp.", "No unit matches."],
  names: ["Tên đơn vị", "Names"],
  villages: ["Thôn, làng, tổ dân phố", "Villages"],
  villageOutlines: ["ranh giới thôn (khi phóng gần)", "village outlines (closer zoom)"],
  addresses: ["Địa chỉ số theo thôn", "Digital addresses by village"],
  addressFill: ["Màu: tỷ lệ đã thông báo", "Fill: share notified"],
  addressRing: ["Vòng ngoài: tỷ lệ đã gắn biển", "Ring: share plated"],
  addressSize: ["Cỡ: số đối tượng", "Size: number of objects"],
  addressSuppressed: ["Dưới 5 đối tượng, không công bố", "Fewer than 5 objects, withheld"],
  addressUnknown: ["Chưa có số liệu", "Not reported"],
  roadsByClass: ["Theo cấp đường", "By class"],
  roadsBySurface: ["Theo mặt đường", "By surface"],
  planned: ["quy hoạch, đang xây dựng", "planned, under construction"],
  closer: ["* hiện khi phóng gần", "* shown closer in"],
  byKind: ["Theo loại", "By kind"],
  objects: ["{part}/{all} đối tượng", "{part} of {all} objects"],
  byState: ["Tình trạng hoạt động", "Operation"],
  unknown: ["chưa rõ", "unknown"],
  plan: ["Chỉ tiêu kế hoạch", "Plan targets"],
  planDone: ["thực hiện", "done"],
  planTarget: ["mục tiêu", "target"],
  planNoTarget: ["không nêu chỉ tiêu", "no target stated"],
  planUnknown: ["chưa đủ số liệu", "not enough data"],
  planActual: ["hiện có", "now"],
  planReached: ["đạt", "reached"],
  planShort: ["còn thiếu", "short"],
  planPerCommune: ["xã đạt chuẩn đã có", "such communes have one"],
  planElsewhere: ["Chỉ tiêu kế hoạch: xem ở kỳ {date}", "Plan targets: see the report of {date}"],
  planVillages: ["thôn", "villages"],
  planIncrement: ["có thêm trong kỳ", "added in the period"],
  planByDistrict: ["theo huyện", "by district"],
  sources: ["Nguồn số liệu và thời điểm", "Sources and dates"],
  sourceRows: ["{n} dòng", "{n} rows"],
  sourceFailed: ["tệp mới không đọc được, dùng số liệu trước đó", "new file unreadable, earlier data shown"],
  sourceNoDate: ["không ghi ngày", "no date"],
  agency: ["Đơn vị lập: {name}", "Prepared by: {name}"],
  software: ["Phần mềm: ntmgis, Leaflet 1.9.4 (BSD-2-Clause, © Volodymyr Agafonkin, CloudMade)", "Software: ntmgis, Leaflet 1.9.4 (BSD-2-Clause, © Volodymyr Agafonkin, CloudMade)"],
  foot: ["Số liệu đến {date}", "Data as of {date}"],
  period: ["Kỳ số liệu", "Reporting date"],
  play: ["Chạy qua các kỳ", "Play"],
  pause: ["Dừng", "Pause"],
  detailsHint: ["Bấm vào một xã trên bản đồ để xem chi tiết.", "Click a commune on the map for its details."],
  close: ["Đóng", "Close"],
  zoomTo: ["Phóng tới", "Zoom to"],
  standardYear: ["Năm đạt chuẩn", "Standard year"],
  decision: ["Quyết định", "Decision"],
  statusAsOf: ["Thời điểm số liệu", "Data as of"],
  criteriaSet: ["Bộ tiêu chí", "Criteria set"],
  criteria: ["Tiêu chí", "Criteria"],
  criteriaMet: ["{met}/{known} tiêu chí có số liệu đạt", "{met} of {known} reported criteria met"],
  criteriaNotHere: ["Kỳ này chỉ có kết quả chung.", "Of this date only the overall status is known."],
  criteriaElsewhere: ["Xem từng tiêu chí kỳ {date}", "See the criteria of {date}"],
  criteriaNone: ["Chưa có số liệu từng tiêu chí.", "No criteria reported."],
  measures: ["Chỉ số đo trên bản đồ", "Measured on the map"],
  measuresNote: ["Tính trên {n} hộ có vị trí. Khoảng cách do người dùng đặt, không phải quy chuẩn.", "Of {n} located households. Distances are the user's choice, not a norm."],
  area: ["Diện tích", "Area"],
  declared: ["công bố {n} km²", "declared {n} km²"],
  code: ["Mã", "Code"],
  composition: ["Hợp thành từ", "Formed from"],
  roads: ["Đường theo cấp và mặt đường (km)", "Roads by class and surface (km)"],
  villagesOf: ["Thôn, làng ({n})", "Villages ({n})"],
  households: ["{n} hộ", "{n} households"],
  householdsCount: ["Số hộ", "Households"],
  minorityArea: ["Vùng dân tộc thiểu số", "Ethnic-minority area"],
  isMinority: ["vùng DTTS", "ethnic minority"],
  isModel: ["NTM kiểu mẫu", "model NTM"],
  isMinorityNtm: ["NTM vùng DTTS", "minority-area NTM"],
  isSmart: ["thông minh", "smart"],
  districtTable: ["Theo huyện", "By district"],
  district: ["Huyện", "District"],
  districtOwn: ["Cấp huyện: {tier}", "District itself: {tier}"],
  commune: ["Xã", "Commune"],
  status: ["Kết quả", "Status"],
  year: ["Năm đạt", "Year"],
  colCriteria: ["Tiêu chí đạt", "Criteria met"],
  colRoad: ["Đường cứng hóa", "Hardened"],
  colNearRoad: ["Gần đường", "Near road"],
  colNearWater: ["Gần nước", "Near water"],
  colNearWaste: ["Gần điểm rác", "Near waste"],
  colCoded: ["Gắn mã", "Coded"],
  colNotified: ["Thông báo", "Notified"],
  colPlated: ["Gắn biển", "Plated"],
  colLocated: ["Định vị", "Located"],
  table: ["Bảng các xã", "Table of communes"],
  copyCsv: ["Chép CSV", "Copy CSV"],
  copied: ["Đã chép {n} dòng", "{n} rows copied"],
  copyFailed: ["Trình duyệt không cho chép", "The browser refused to copy"],
  shown: ["{n} trên {all} đơn vị", "{n} of {all} units"],
  sharesOf: ["Các tỷ lệ: đến {date}", "Shares: as of {date}"],
  sortBy: ["Sắp xếp theo {name}", "Sort by {name}"],
  theme: ["Chủ đề", "Theme"],
  asKnown: ["Theo kỳ báo cáo {date}", "As of the report of {date}"],
  until: ["đến {date}", "as of {date}"],
  atLeastSentence: ["Ít nhất {text}", "At least {text}"],
  withUnknown: ["{text} ({n} chưa rõ)", "{text} ({n} not known)"],
  nothingKnown: ["{name}: chưa có số liệu, đến {date}", "{name}: not reported, as of {date}"],
  notKnown: ["{n} {units} chưa đủ số liệu", "not enough data: {n} of {all} {units}"],
  unitsDistricts: ["huyện, thành phố", "districts and cities"],
  unitsCommunes: ["xã", "communes"],
  unitsAll: ["đơn vị cấp xã", "commune-level units"],
  countedOf: ["Tổng số: {n} {units}", "Total: {n} {units}"],
  countedAssessed: ["Tổng số: {n} xã được đánh giá", "Total: {n} communes assessed"],
  wholeProvince: ["Toàn tỉnh: {value}", "Whole province: {value}"],
  changes: ["Thay đổi: {n} xã", "Changes: {n} communes"],
  changesBetween: ["Từ {from} đến {to}", "From {from} to {to}"],
  kind_withdrawn: ["Không còn đạt chuẩn", "No longer meeting the standard"],
  kind_down: ["Xuống bậc", "Down a tier"],
  kind_newly_recognised: ["Mới đạt chuẩn", "Newly meeting the standard"],
  kind_up: ["Lên bậc", "Up a tier"],
  kind_first_report: ["Lần đầu có số liệu", "First report"],
  kind_no_longer_reported: ["Không còn số liệu", "No longer reported"],
  since: ["So với", "Compared with"],
  sinceNone: ["không", "nothing"],
  sinceBefore: ["kỳ liền trước", "the date before"],
  otherUnits: ["Chồng {epoch}", "Overlay: {epoch}"],
  relief: ["Bóng địa hình", "Shaded relief"],
  groupVillages: ["Thôn và địa chỉ số", "Villages and digital addresses"],
  groupGround: ["Nền và ranh giới", "Background and boundaries"],
  layersOn: ["{n} lớp đang bật", "{n} on"],
  layerUp: ["Đưa lên trên: {name}", "Draw higher: {name}"],
  layerDown: ["Đưa xuống dưới: {name}", "Draw lower: {name}"],
  opacityOf: ["Độ đậm: {name}", "Opacity: {name}"],
  villageModel: ["Thôn NTM kiểu mẫu", "Model NTM village"],
  villageMinority: ["Thôn NTM vùng DTTS", "NTM village, minority area"],
  villageSmart: ["Thôn thông minh", "Smart village"],
  villagePlain: ["Chưa đạt danh hiệu nào", "None of these"],
  villageSeveral: ["Thôn có nhiều danh hiệu hiện danh hiệu đứng trước.", "A village with several shows the first of them."],
  villageUnknown: ["Chưa có số liệu", "Not reported"],
  dashboard: ["Tổng quan tỉnh", "Province overview"],
  showOnMap: ["Chỉ hiện các xã này trên bản đồ", "Show only these on the map"],
  onTrack: ["đúng tiến độ", "on track"],
  behind: ["chậm tiến độ", "behind"],
  rule: ["Cách xét tiến độ", "How it is judged"],
  remarks: ["ghi chú về chỉ tiêu", "remarks"],
  expectedNow: ["đến nay cần {n}", "{n} expected by now"],
  perQuarter: ["cần thêm {n} mỗi quý", "{n} a quarter still needed"],
  progress: ["Xã theo bậc qua các kỳ", "Communes by tier over time"],
  progressShift: ["Khoảng trống: ranh giới xã thay đổi, số xã hai bên không so được với nhau.", "The gap: boundaries changed, the numbers on its two sides cannot be compared."],
  population: ["Dân số", "Population"],
  populationAbout: ["khoảng {n} người (từ lưới dân số)", "about {n} (from the population raster)"],
  boundaries: ["Ranh giới", "Boundaries"],
  standing: ["Nhận xét khi rà soát", "Review"],
  meetsNow: ["Hiện đạt đủ bộ tiêu chí", "Meets all criteria now"],
  missingCriteria: ["Tiêu chí chưa đạt", "Criteria not met"],
  unknownCriteria: ["Tiêu chí chưa rõ", "Criteria unknown"],
  candidateFor: ["Bậc tiếp theo", "Next tier"],
  candidateMissing: ["còn thiếu {n} tiêu chí", "{n} criteria missing"],
  trend: ["Qua các kỳ", "Over time"],
  madeOf: ["Hợp thành từ", "Formed from"],
  becamePartOf: ["Sau khi đổi ranh giới thuộc về", "After the change of boundaries part of"],
  shareOfArea: ["{share} diện tích cũ", "{share} of the old area"],
  sourcesOf: ["Nguồn số liệu", "Sources"],
  criteriaHint: ["Chọn một ô để xem tên tiêu chí, số liệu, ngưỡng và số đo.", "Choose a cell for the criterion's name, figure, threshold and measure."],
  reportedFigure: ["Xã báo cáo", "As reported"],
  criterionWithheld: ["không đưa lên bản đồ", "kept off maps"],
  thresholdNone: ["Chưa có ngưỡng trong bộ dữ liệu.", "No threshold on record."],
  measuredHere: ["Đo trên bản đồ,", "Measured here,"],
  tableFilter: ["Lọc bảng theo tên, huyện, mã", "Filter by name, district, code"],
  focusOn: ["Đang hiện: {label} ({n} xã)", "Showing: {label} ({n} communes)"],
  themeThen: ["Chủ đề này có ở kỳ {date}; đã chuyển sang kỳ đó", "This theme is known as of {date}; the date was changed"],
  notThen: ["Không có kỳ {date}; đang xem kỳ {shown}", "No report of {date}; showing {shown}"],
  yes: ["có", "yes"],
  no: ["không", "no"],
};

const MEASURES = {
  road_hardened_share: ["Đường được cứng hóa", "Roads hardened"],
  near_road_share: ["Hộ cách đường không quá {m}", "Households within {m} of a road"],
  near_water_share: ["Hộ cách công trình nước không quá {m}", "Households within {m} of a water supply"],
  near_waste_share: ["Hộ cách điểm thu gom rác không quá {m}", "Households within {m} of a waste point"],
  address_coded_share: ["Địa chỉ số: đã gắn mã", "Digital address: coded"],
  address_notified_share: ["Địa chỉ số: đã thông báo", "Digital address: notified"],
  address_plated_share: ["Địa chỉ số: đã gắn biển", "Digital address: plated"],
  address_located_share: ["Địa chỉ số: đã xác định vị trí", "Digital address: located"],
};

// Units as the plan states them.
const UNITS = new Map([
  ["xã", "communes"],
  ["huyện", "districts"],
  ["thành phố", "city"],
  ["thôn/xã", "village per commune"],
  ["tỷ lệ số thôn", "of the villages"],
  ["triệu đồng", "million VND"],
]);

export const UNKNOWN = "–";
const LOCALES = { vi: "vi-VN", en: "en-GB" };
const formats = new Map();

function format(lang, digits) {
  const key = `${lang}${digits}`;
  if (!formats.has(key))
    formats.set(
      key,
      new Intl.NumberFormat(LOCALES[lang], { minimumFractionDigits: digits, maximumFractionDigits: digits }),
    );
  return formats.get(key);
}

/** Words and figures in the language `state.lang`. */
export function createWords(state) {
  const at = () => (state.lang === "vi" ? 0 : 1);
  const put = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
  const say = (name, values = {}) => put(WORDS[name][at()], values);
  const number = (value, digits = 0) =>
    value === null || value === undefined ? UNKNOWN : format(state.lang, digits).format(value).replace("-", "−");
  const percent = (value, digits = 1) =>
    value === null || value === undefined ? UNKNOWN : `${number(Math.round(value * 1e6) / 1e4, digits)}%`;
  const share = (part, whole) => {
    const ratio = `${number(part)}/${number(whole)}`;
    if (!whole || part === null || part === undefined) return ratio;
    return at() === 0 ? `${ratio}, ${percent(part / whole)}` : `${ratio} (${percent(part / whole)})`;
  };
  const day = (iso) => {
    if (!iso) return UNKNOWN;
    const [year, month, date] = iso.split("-");
    if (at() === 0) return `${date}/${month}/${year}`;
    return `${Number(date)} ${EN_MONTHS[Number(month) - 1]} ${year}`;
  };
  const length = (metres) => {
    if (metres < 10) return `${number(metres, 1)} m`;
    return metres < 1000 ? `${number(Math.round(metres))} m` : `${number(metres / 1000, metres < 100_000 ? 2 : 1)} km`;
  };
  const area = (square) => {
    if (square < 10_000) return `${number(Math.round(square))} m²`;
    return square < 1_000_000 ? `${number(square / 10_000, 2)} ha` : `${number(square / 1_000_000, square < 1e9 ? 2 : 1)} km²`;
  };
  const distance = (metres) =>
    metres >= 1000 ? `${number(metres / 1000, metres % 1000 ? 1 : 0)} km` : `${number(metres)} m`;
  return {
    say,
    put,
    shortDay: (iso) => (iso.endsWith("-12-31") ? iso.slice(0, 4) : `${iso.slice(5, 7)}/${iso.slice(0, 4)}`),
    number,
    percent,
    share,
    day,
    distance,
    length,
    area,
    unit: (name) => (state.lang === "en" && UNITS.get(name)) || name,
    pick: (pair) => pair?.[state.lang] || pair?.vi || pair?.en || "",
    measure: (name, limits) => {
      const layer = { near_road_share: "road", near_water_share: "water_supply", near_waste_share: "waste_point" }[name];
      return put(MEASURES[name][at()], { m: layer && layer in limits ? distance(limits[layer]) : "?" });
    },
  };
}

const EN_MONTHS = "January February March April May June July August September October November December".split(" ");
export const MEASURE_NAMES = Object.keys(MEASURES);
