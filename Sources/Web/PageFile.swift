import Hummingbird

/// The page and what it needs. They are files of the source folder that the build puts into the program, so that there is
/// nothing to install and nothing that can differ from it.
enum PageFile: CaseIterable {
  case page, style, script, icon

  var path: String {
    switch self {
    case .page: "/"
    case .style: "/page.css"
    case .script: "/page.js"
    case .icon: "/icon.svg"
    }
  }

  var response: Response {
    switch self {
    case .page: Response(PackageResources.index_html, .html)
    case .style: Response(PackageResources.page_css, .css)
    case .script: Response(PackageResources.page_js, .javaScript)
    case .icon: Response(PackageResources.icon_svg, .svg)
    }
  }
}
