//! A plugin's package that could not be loaded.

use sagsgang_domain::Timestamp;
use sagsgang_runtime as runtime;
use sagsgang_runtime::PackagePlace;
use serde::Serialize;
use utoipa::ToSchema;

/// A package that could not be loaded.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BrokenPlugin {
    /// Name of the file or folder; of a version that was installed once, the plugin and the version.
    pub name: String,
    /// Where the file or folder lies on the server; `null` for what is kept of a version.
    pub path: Option<String>,
    /// When it was tried last.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// What is wrong with it.
    pub problems: Vec<PackageProblem>,
}

/// One thing to put right in a package.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PackageProblem {
    /// The file inside the package.
    pub file: String,
    /// 1-based line, 0 where it has none.
    pub line: u32,
    /// 1-based column, 0 where it has none.
    pub column: u32,
    /// A stable word for it.
    pub code: &'static str,
    /// One sentence.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl From<runtime::BrokenPackage> for BrokenPlugin {
    fn from(broken: runtime::BrokenPackage) -> Self {
        Self {
            name: broken.place.name(),
            path: match &broken.place {
                PackagePlace::File(path) => Some(path.display().to_string()),
                PackagePlace::Kept { .. } => None,
            },
            at: broken.at,
            problems: broken
                .problems
                .into_iter()
                .map(PackageProblem::from)
                .collect(),
        }
    }
}

impl From<runtime::Problem> for PackageProblem {
    fn from(problem: runtime::Problem) -> Self {
        Self {
            file: problem.file,
            line: problem.line,
            column: problem.column,
            code: problem.code,
            message: problem.message,
            hint: problem.hint,
        }
    }
}
